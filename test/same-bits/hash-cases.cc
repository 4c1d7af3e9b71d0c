#include "test/same-bits/hash-cases.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <iterator>

#include "test/accuracy/algorithm.h"

namespace {

// Marsaglia's xorshift, of 32 bits.
class Numbers {
 public:
  explicit Numbers(uint32_t seed) : state_(seed) {}

  // In [-scale, scale), where scale is a power of two: nothing is rounded.
  float next(float scale) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return static_cast<float>(static_cast<int32_t>(state_ >> 8) - (1 << 23)) * (scale * 0x1p-23f);
  }

 private:
  uint32_t state_;
};

// How elements are spread: within [-scale, scale) of an offset.
struct Spread {
  const char* name;
  float scale;
  float offset;
};

constexpr Spread kOrdinary = {"ordinary", 8.0f, 0.0f};
constexpr Spread kSpreads[] = {
    kOrdinary,
    {"near", 0x1p-10f, 1.0f},
    {"equal", 0.0f, -3.0f},
    {"wide", 128.0f, 0.0f},
    {"wider", 65536.0f, 0.0f},
    {"huge", 0x1p+100f, 0.0f},
    {"high", 8.0f, 0x1p+22f},
    {"low", 8.0f, -90000.0f},
};

Floats elements(const Shape& shape, const Spread& spread) {
  Numbers numbers(/*seed=*/2463534242);
  Floats input(shape.batch_size * shape.input_stride);
  for (float& element : input) {
    element = spread.offset + numbers.next(spread.scale);
  }
  return input;
}

std::string name_of(const Shape& shape, const std::string& values, const char* algorithm) {
  return std::to_string(shape.batch_size) + "x" + std::to_string(shape.channels) + "-" + values + "-" + algorithm;
}

// Every row but the first has a special value: one of it, half of the row, or the whole row.
void add_special_values(const Shape& shape, Floats* input) {
  constexpr float values[] = {-INFINITY, INFINITY, NAN, FLT_MAX, -FLT_MAX, 1e30f, -1e30f, FLT_TRUE_MIN, -0.0f, 100.0f,
                              -65409.0f};
  for (size_t row = 1; row < shape.batch_size; row++) {
    const float value = values[(row - 1) / 3 % std::size(values)];
    float* elements = &(*input)[row * shape.input_stride];
    const size_t counts[] = {1, (shape.channels + 1) / 2, shape.channels};
    std::fill_n(elements + shape.channels / 3, std::min(counts[row % 3], shape.channels - shape.channels / 3), value);
    if (row % 3 == 2) {
      std::fill_n(elements, shape.channels, value);
    }
  }
}

// Blocks that are apart by more and more.
void separate_blocks(Floats* input) {
  for (size_t i = 0; i < input->size(); i++) {
    (*input)[i] += 32.0f * static_cast<float>(i / 2048 * (i / 2048));
  }
}

}  // namespace

void for_each_hash_case(const std::function<void(const HashCase&)>& use) {
  for (const size_t channels : {1, 2, 7, 10, 15, 16, 17, 31, 32, 33, 64, 65, 100, 128, 255, 256, 257, 300, 512, 1000, 2047,
                                2048, 2049, 5000, 8192, 8193, 20000, 70001}) {
    const Shape shape = dense_shape(/*batch_size=*/1, channels);
    use({name_of(shape, "ordinary", "auto"), 0, shape, elements(shape, kOrdinary)});
  }
  for (const size_t channels : {1, 7, 10, 16, 17, 32, 48, 64, 65, 200, 256, 300, 2048, 5000}) {
    const Shape shape = {/*batch_size=*/19, channels, channels + 3, channels + 5};
    use({name_of(shape, "ordinary", "auto"), 0, shape, elements(shape, kOrdinary)});
  }
  for (const size_t channels : {10, 100, 1000, 20000}) {
    for (const Spread& spread : kSpreads) {
      const Shape shape = dense_shape(/*batch_size=*/3, channels);
      use({name_of(shape, spread.name, "auto"), 0, shape, elements(shape, spread)});
    }
  }
  for (const size_t channels : {5, 60, 200, 300, 3000, 9000}) {
    const Shape shape = dense_shape(/*batch_size=*/34, channels);
    Floats input = elements(shape, kOrdinary);
    add_special_values(shape, &input);
    use({name_of(shape, "special", "auto"), 0, shape, input});
    use({name_of(shape, "special", "auto-zero-fully-masked"), XNNX_FLAG_ZERO_FULLY_MASKED_ROWS, shape, input});
  }
  for (const Algorithm& algorithm : kAlgorithms) {
    for (const size_t channels : {1, 100, 256, 300, 6000, 40000}) {
      const Shape shape = dense_shape(/*batch_size=*/2, channels);
      Floats input = elements(shape, kOrdinary);
      use({name_of(shape, "ordinary", algorithm.name), algorithm.flags, shape, input});
      separate_blocks(&input);
      use({name_of(shape, "separated", algorithm.name), algorithm.flags, shape, input});
    }
  }
}
