#include "src/xnnx/references.h"

// Subtracting the maximum is exact wherever the result is not 0, in long double.
static void compute_row(size_t channels, const float* input, float* output, double scale_of_fully_masked)
{
  long double max = -INFINITY;
  for (size_t i = 0; i < channels; i++) {
    max = isnan(input[i]) || input[i] > max ? (long double) input[i] : max;
  }
  const long double shift = max == (long double) -INFINITY ? 0.0L : max;
  long double sum = 0.0L;
  for (size_t i = 0; i < channels; i++) {
    sum += expl((long double) input[i] - shift);
  }
  const long double scale = sum == 0.0L ? (long double) scale_of_fully_masked : 1.0L / sum;
  for (size_t i = 0; i < channels; i++) {
    output[i] = (float) (expl((long double) input[i] - shift) * scale);
  }
}

void xnnx_f32_softmaxrows_reference(
    size_t rows,
    size_t channels,
    const float* input,
    size_t input_stride,
    float* output,
    size_t output_stride,
    double scale_of_fully_masked)
{
  for (size_t row = 0; row < rows; row++) {
    compute_row(channels, input + row * input_stride, output + row * output_stride, scale_of_fully_masked);
  }
}
