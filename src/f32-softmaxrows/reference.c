#include "src/xnnx/references.h"

static bool contains_nan(size_t channels, const float* input)
{
  for (size_t i = 0; i < channels; i++) {
    if (isnan(input[i])) {
      return true;
    }
  }
  return false;
}

static void compute_row(size_t channels, const float* input, float* output, float max)
{
  double sum = 0.0;
  for (size_t i = 0; i < channels; i++) {
    sum += xnnx_relative_exp_reference(input[i], xnnx_exponent(max));
  }
  for (size_t i = 0; i < channels; i++) {
    output[i] = (float) (xnnx_relative_exp_reference(input[i], xnnx_exponent(max)) / sum);
  }
}

void xnnx_f32_softmaxrows_reference(
    size_t rows,
    size_t channels,
    const float* input,
    size_t input_stride,
    float* output,
    size_t output_stride,
    size_t* computed_rows)
{
  size_t row = 0;
  for (; row < rows; row++) {
    const float* row_input = input + row * input_stride;
    float max;
    xnnx_f32_rmax_reference(channels * sizeof(float), row_input, &max);
    if (!(fabsf(max) <= XNNX_EXP_LARGEST_DIRECT_ARGUMENT) || contains_nan(channels, row_input)) {
      break;
    }
    compute_row(channels, row_input, output + row * output_stride, max);
  }
  *computed_rows = row;
}
