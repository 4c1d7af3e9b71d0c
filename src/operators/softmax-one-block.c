#include "src/operators/softmax-one-block.h"

// The fields of `first_row` are read once: in a row alone every load would be waited for. The largest exponential that
// is stored keeps every scale far above what needs xnnx_begin_product().
void xnnx_compute_one_block_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride)
{
  const struct xnnx_softmax_kernels* kernels = first_row->kernels;
  const bool zero_if_fully_masked = first_row->zero_if_fully_masked;
  const size_t channels = first_row->channels;
  const size_t row_bytes = channels * sizeof(float);
  // Rows between that which is computed and that which is fetched meanwhile: a block's length, which is far enough.
  const size_t fetched_rows = (XNNX_BLOCK_ELEMENTS + channels - 1) / channels;
  float* pending_output = NULL;
  double pending_scale = 0.0;
  struct xnnx_estimate next_estimate = xnnx_estimate_max(kernels, channels, first_row->input);
  for (size_t i = 0; i < row_count; i++) {
    const float* input = first_row->input + i * input_stride;
    float* output = first_row->output + i * output_stride;
    const struct xnnx_estimate estimate = next_estimate;
    if (i + 1 < row_count) {
      next_estimate = xnnx_estimate_max(kernels, channels, input + input_stride);
    }
    const float* input_to_fetch = i + fetched_rows < row_count ? input + fetched_rows * input_stride : input;
    const struct xnnx_block_sum sum = xnnx_store_block(kernels, channels, input, output, estimate, input_to_fetch);
    if (pending_output != NULL) {
      kernels->vmulc(row_bytes, pending_output, pending_output, pending_scale);
    }
    pending_output = output;
    pending_scale = xnnx_scale_of_sum(sum.mantissa, zero_if_fully_masked);
  }
  if (pending_output != NULL) {
    kernels->vmulc(row_bytes, pending_output, pending_output, pending_scale);
  }
}
