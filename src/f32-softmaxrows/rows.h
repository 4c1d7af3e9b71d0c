// What all rows of f32-softmaxrows have in common.

#pragma once

#include "src/arithmetic/block.h"
#include "src/xnnx/sums.h"

struct rows {
  size_t rows;
  size_t channels;
  const float* input;
  size_t input_stride;
  float* output;
  size_t output_stride;
  double scale_of_fully_masked;
  bool is_far;
};

// A kernel's arguments go on as they are, since a struct of them would be waited for, and are a struct where nobody else
// can see it.
#define XNNX_ARGUMENTS (rows, channels, input, input_stride, output, output_stride, scale_of_fully_masked, is_far)
#define XNNX_ROWS_OF_ARGUMENTS \
  {rows, channels, input, input_stride, output, output_stride, scale_of_fully_masked, is_far}

// A row whose sum is not positive is the same throughout. A function of its own, so that ordinary rows need no frame for it.
static XNNX_NEVER_INLINE void fill_row_of_rare_sum(
    size_t channels, float* output, double sum, double scale_of_fully_masked)
{
  const xnnx_f32x16 value = xnnx_split(xnnx_scale_of_sum(sum, scale_of_fully_masked)).high;
  for (size_t i = 0; i < channels; i += 16) {
    xnnx_store_first(output + i, xnnx_at_most_vector(channels - i), value);
  }
}

// How far ahead elements are fetched that come from memory: far enough for memory, near enough for the second cache.
#define XNNX_FETCHED_AHEAD ((size_t) 2048)

// The row that is fetched beside this one, if there is one.
XNNX_SIMD xnnx_elements row_ahead(const struct rows* rows, size_t row)
{
  const size_t ahead = row + (XNNX_FETCHED_AHEAD - 1) / rows->channels + 1;
  if (ahead >= rows->rows) {
    return (xnnx_elements){0};
  }
  return (xnnx_elements){
      .count = rows->channels,
      .input = rows->input + ahead * rows->input_stride,
      .output = rows->output + ahead * rows->output_stride,
  };
}
