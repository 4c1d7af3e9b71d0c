#include "bench/compare/values.h"

#include <cfloat>
#include <cmath>

#include "bench/buffer.h"

namespace xnnx_bench {
namespace {

void add(float* elements, size_t count, float number)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] += number;
  }
}

// The second half of each row, as padding at its end.
template <int kMask>
void mask_end(float* row, size_t, size_t channels)
{
  constexpr float masks[] = {-1e4f, -1e9f, -1e30f, -FLT_MAX, -INFINITY};
  add(row + channels / 2, channels - channels / 2, masks[kMask]);
}

void mask_start(float* row, size_t, size_t channels)
{
  add(row, channels / 2, -1e9f);
}

template <int kMask>
void mask_all_but_window(float* row, size_t, size_t channels)
{
  constexpr float masks[] = {-1e9f, -INFINITY};
  add(row, channels / 3, masks[kMask]);
  add(row + channels - channels / 3, channels / 3, masks[kMask]);
}

void mask_all(float* row, size_t, size_t channels)
{
  add(row, channels, -INFINITY);
}

void shift_all(float* row, size_t, size_t channels)
{
  add(row, channels, -1e9f);
}

void lower_all(float* row, size_t, size_t channels)
{
  add(row, channels, -FLT_MAX);
}

void mask_every_fourth(float* row, size_t row_number, size_t channels)
{
  add(row, row_number % 4 == 0 ? channels : 0, -INFINITY);
}

void lower_every_fourth(float* row, size_t row_number, size_t channels)
{
  add(row, row_number % 4 == 0 ? channels : 0, -FLT_MAX);
}

void offset(float* row, size_t, size_t channels)
{
  add(row, channels, 1e8f);
}

// In an order that no branch predictor learns.
void mix(float* row, size_t row_number, size_t channels)
{
  constexpr float numbers[] = {0.0f, 0.0f, 0.0f, -INFINITY, -1e9f, -FLT_MAX, 1e8f, -1e5f};
  add(row, channels, numbers[static_cast<unsigned>(row_number) * 2654435761u >> 29]);
}

}  // namespace

const std::vector<Values>& all_values()
{
  static const std::vector<Values> values = {
      {"ordinary", "in [-8, 8)", [](float*, size_t, size_t) {}},
      {"mask=-1e4", "that, added to the second half of every row", mask_end<0>},
      {"mask=-1e9", "likewise", mask_end<1>},
      {"mask=-1e30", "likewise", mask_end<2>},
      {"mask=lowest", "likewise, -FLT_MAX", mask_end<3>},
      {"mask=-inf", "likewise", mask_end<4>},
      {"masked-start", "-1e9 added to the first half of every row", mask_start},
      {"window=-1e9", "that, added to all but the middle third of every row", mask_all_but_window<0>},
      {"window=-inf", "likewise", mask_all_but_window<1>},
      {"rows=-inf", "-inf throughout", mask_all},
      {"rows=-1e9", "that, added throughout", shift_all},
      {"rows=lowest", "-FLT_MAX added throughout", lower_all},
      {"every-4th=-inf", "-inf throughout every fourth row", mask_every_fourth},
      {"every-4th=lowest", "-FLT_MAX added to every fourth row", lower_every_fourth},
      {"offset=1e8", "1e8 added throughout", offset},
      {"mixed", "ordinary rows and such of all kinds", mix},
  };
  return values;
}

void fill_with_values(const Values& values, float* rows, size_t row_count, size_t channels)
{
  fill_with_logits(rows, row_count * channels);
  for (size_t row = 0; row < row_count; row++) {
    values.change(rows + row * channels, row, channels);
  }
}

}  // namespace xnnx_bench
