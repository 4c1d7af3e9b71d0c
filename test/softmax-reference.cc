#include "test/softmax-reference.h"

#include <algorithm>
#include <cmath>

std::vector<double> softmax_reference(const float* input, size_t channels, bool zero_if_fully_masked) {
  const float* end = input + channels;
  const bool has_nan = std::any_of(input, end, [](float x) { return std::isnan(x); });
  const float max = *std::max_element(input, end);
  if (has_nan || max == INFINITY) {
    return std::vector<double>(channels, NAN);
  }
  if (max == -INFINITY) {
    return std::vector<double>(channels, zero_if_fully_masked ? 0.0 : NAN);
  }
  // The difference of two floats that are close enough to matter is exact in long double.
  const auto exp_minus_max = [max](float x) { return std::exp(static_cast<long double>(x) - max); };
  long double sum = 0.0L;
  for (size_t i = 0; i < channels; i++) {
    sum += exp_minus_max(input[i]);
  }
  std::vector<double> output(channels);
  for (size_t i = 0; i < channels; i++) {
    output[i] = static_cast<double>(exp_minus_max(input[i]) / sum);
  }
  return output;
}
