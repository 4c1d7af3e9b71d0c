// Wide rows in turn: beside the exponentials of one stand the maximum of the next and the products of the one before, so that
// none waits for its own reductions. Memory is read at one place, in order, and written likewise.

#pragma once

#include "src/f32-softmaxrows/one-row.h"

XNNX_SIMD void compute_rows_in_turn(row_shape shape, const struct rows* rows, row_function compute_alone)
{
  _Alignas(64) float exponentials[2][XNNX_SHORT_ROW_CHANNELS];
  xnnx_two_floats factor = xnnx_split(0.0);
  float* waiting_output = NULL;
  xnnx_f32x16 max = xnnx_max_in_all_lanes(max_of_row(shape, rows->channels, rows->input));
  for (size_t row = 0; row < rows->rows; row++) {
    const float* input = rows->input + row * rows->input_stride;
    float* output = rows->output + row * rows->output_stride;
    // Behind the last row there is none: its maximum is found once more.
    const float* next_input = row + 1 < rows->rows ? input + rows->input_stride : input;
    const xnnx_f32x16 next_max = max_of_row(shape, rows->channels, next_input);
    if (rows->is_far) {
      fetch_rows_ahead(shape, rows, row, row + 1);
    }
    double sum = 0.0;
    if (XNNX_LIKELY(xnnx_is_ordinary_max(max))) {
      const xnnx_scale scale = xnnx_relative_to(xnnx_rounded_exponent_of_max(max));
      sum = xnnx_sum_of_lanes(store_exponentials(shape, rows->channels, input, scale, exponentials[row % 2]));
    }
    if (waiting_output != NULL) {
      store_products(shape, rows->channels, exponentials[(row + 1) % 2], factor, waiting_output);
    }
    if (XNNX_LIKELY(sum > 0.0)) {
      factor = xnnx_split(1.0 / sum);
      waiting_output = output;
    } else {
      compute_alone(rows->channels, input, output, rows->scale_of_fully_masked);
      waiting_output = NULL;
    }
    max = xnnx_max_in_all_lanes(next_max);
  }
  if (waiting_output != NULL) {
    store_products(shape, rows->channels, exponentials[(rows->rows + 1) % 2], factor, waiting_output);
  }
}
