#include "src/operators/softmax-one-block.h"

#include <math.h>

#include "src/operators/softmax-blocked.h"

// The fields of `first_row` are read once: in a row alone every load would be waited for. The largest exponential that
// is stored keeps every scale far above what needs two steps in softmax-blocked.c.
static void compute_in_caches(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride)
{
  const struct xnnx_softmax_kernels* kernels = first_row->kernels;
  const size_t channels = first_row->channels;
  const size_t row_bytes = channels * sizeof(float);
  float* pending_output = NULL;
  double pending_scale = 0.0;
  float next_estimate = xnnx_estimate_max(kernels, channels, first_row->input);
  for (size_t i = 0; i < row_count; i++) {
    const float* input = first_row->input + i * input_stride;
    float* output = first_row->output + i * output_stride;
    const float estimate = next_estimate;
    if (i + 1 < row_count) {
      next_estimate = xnnx_estimate_max(kernels, channels, input + input_stride);
    }
    size_t stored_bytes;
    const double sum = xnnx_store_start_of_block(kernels, channels, input, output, estimate, &stored_bytes);
    if (pending_output != NULL) {
      kernels->vmulc(row_bytes, pending_output, pending_output, pending_scale);
    }
    if (stored_bytes == row_bytes && !isnan(sum)) {
      pending_output = output;
      pending_scale = 1.0 / sum;
    } else {
      struct xnnx_softmax_row row = *first_row;
      row.input = input;
      row.output = output;
      row.partials[0].stored_block = xnnx_describe_start_of_block(sum, estimate, stored_bytes);
      xnnx_finish_softmax_row(&row);
      pending_output = NULL;
    }
  }
  if (pending_output != NULL) {
    kernels->vmulc(row_bytes, pending_output, pending_output, pending_scale);
  }
}

// A row that leaves while the exponentials of the next one are computed.
struct pending_row {
  const float* exponentials;  // NULL: none
  float* output;
  double scale;
};

static struct pending_row store_row_in_scratch(
    const struct xnnx_softmax_row* row,
    float max_estimate,
    const struct pending_row* row_before,
    const float* next_input,
    float* scratch)
{
  const struct xnnx_softmax_kernels* kernels = row->kernels;
  const size_t row_bytes = row->channels * sizeof(float);
  const float estimate = xnnx_is_storable(max_estimate) ? max_estimate : 0.0f;
  double sum;
  size_t stored_bytes;
  if (row_before->exponentials == NULL) {
    kernels->raddstoreexpminusestimate(row_bytes, row->input, scratch, &sum, estimate, &stored_bytes);
  } else {
    kernels->raddstoreexpminusestimatestream(
        row_bytes, row->input, scratch, &sum, estimate, &stored_bytes, next_input, row_before->exponentials,
        row_before->output, row_before->scale);
  }
  if (xnnx_is_storable(max_estimate) && stored_bytes == row_bytes && !isnan(sum)) {
    return (struct pending_row){.exponentials = scratch, .output = row->output, .scale = 1.0 / sum};
  }
  struct xnnx_softmax_row rare_row = *row;
  rare_row.output = scratch;
  xnnx_compute_softmax_row(&rare_row, /*threadpool=*/NULL);
  return (struct pending_row){.exponentials = scratch, .output = row->output, .scale = 1.0};
}

static void compute_past_caches(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride)
{
  _Alignas(64) float scratch[2][XNNX_BLOCK_ELEMENTS];
  struct xnnx_softmax_row row = *first_row;
  struct pending_row pending = {.exponentials = NULL};
  for (size_t i = 0; i < row_count; i++) {
    row.input = first_row->input + i * input_stride;
    row.output = first_row->output + i * output_stride;
    const float* next_input = i + 1 < row_count ? row.input + input_stride : row.input;
    const float estimate = xnnx_estimate_max(row.kernels, row.channels, row.input);
    pending = store_row_in_scratch(&row, estimate, &pending, next_input, scratch[i % 2]);
  }
  if (pending.exponentials != NULL) {
    row.kernels->vmulcstream(row.channels * sizeof(float), pending.exponentials, pending.output, pending.scale);
  }
}

void xnnx_compute_one_block_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride)
{
  if (first_row->stream) {
    compute_past_caches(first_row, row_count, input_stride, output_stride);
  } else {
    compute_in_caches(first_row, row_count, input_stride, output_stride);
  }
}
