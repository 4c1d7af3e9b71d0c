#include "test/fuzz/read-floats.h"

#include <cfloat>
#include <cmath>
#include <random>

#include "src/xnnx/exp.h"

namespace {

constexpr float kLargest = XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT;
constexpr float kSpecialFloats[] = {
    0.0f,      -0.0f,    1.0f,      -1.0f,      -87.33655f, -103.97208f, 88.72284f, kLargest,
    -kLargest, 940.0f,   -940.0f,   -2048.0f,   -1e4f,      -1e9f,       1e9f,      -1e30f,
    1e30f,     FLT_MAX,  -FLT_MAX,  INFINITY,   -INFINITY,  NAN,         FLT_MIN,   FLT_TRUE_MIN,
};
constexpr float kSpreads[] = {0.0f, 1e-6f, 1.0f, 10.0f, 100.0f, 900.0f, 60000.0f, 1e8f, 1e20f, FLT_MAX};
constexpr float kOffsets[] = {0.0f,     -0.34f,    1.0f,     -10.0f, 1000.0f, -1000.0f,
                              900.0f, -900.0f, 1500.0f, 4e6f,   -4e6f};

void fill_around_offset(ByteReader* reader, std::vector<float>* floats) {
  const float offset = reader->flag() ? reader->one_of(kOffsets) : read_float(reader);
  const float spread = reader->one_of(kSpreads);
  std::minstd_rand engine(reader->any<uint16_t>() + 1u);
  for (float& element : *floats) {
    // By hand, because standard libraries differ in their distributions, and the same bytes should be the same floats.
    const float in_unit_interval = static_cast<float>(engine() >> 7) * 0x1p-24f;
    element = offset + spread * (2.0f * in_unit_interval - 1.0f);
  }
}

void fill_with_repeated_floats(ByteReader* reader, std::vector<float>* floats) {
  float period[64];
  const size_t length = reader->between(1, std::size(period));
  for (size_t i = 0; i < length; i++) {
    period[i] = read_float(reader);
  }
  for (size_t i = 0; i < floats->size(); i++) {
    (*floats)[i] = period[i % length];
  }
}

}  // namespace

float read_float(ByteReader* reader) {
  return reader->flag() ? reader->any<float>() : reader->one_of(kSpecialFloats);
}

std::vector<float> read_floats(ByteReader* reader, size_t count) {
  std::vector<float> floats(count);
  if (count == 0) {
    return floats;
  }
  if (reader->flag()) {
    fill_with_repeated_floats(reader, &floats);
  } else {
    fill_around_offset(reader, &floats);
  }
  const size_t exceptions = reader->between(0, 15);
  for (size_t i = 0; i < exceptions; i++) {
    const size_t position = reader->any<uint16_t>() % count;
    floats[position] = read_float(reader);
  }
  return floats;
}
