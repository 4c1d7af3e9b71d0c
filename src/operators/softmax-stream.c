#include "src/operators/softmax-stream.h"

#include <math.h>

#include "src/operators/softmax-blocked.h"

// A row that leaves while the exponentials of the next one are computed.
struct pending_row {
  const float* exponentials;  // NULL: none
  float* output;
  double scale;
};

void xnnx_stream_softmax_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride)
{
  _Alignas(64) float scratch[2][XNNX_BLOCK_ELEMENTS];
  const struct xnnx_softmax_kernels* kernels = first_row->kernels;
  const size_t row_bytes = first_row->channels * sizeof(float);
  struct pending_row pending = {.exponentials = NULL};
  for (size_t i = 0; i < row_count; i++) {
    const float* input = first_row->input + i * input_stride;
    const float* next_input = i + 1 < row_count ? input + input_stride : input;
    float* exponentials = scratch[i % 2];
    const float max = xnnx_estimate_max(kernels, first_row->channels, input);
    const float estimate = xnnx_is_storable(max) ? max : 0.0f;
    double sum;
    size_t stored_bytes;
    if (pending.exponentials == NULL) {
      kernels->raddstoreexpminusestimate(row_bytes, input, exponentials, &sum, estimate, &stored_bytes);
    } else {
      kernels->raddstoreexpminusestimatestream(
          row_bytes, input, exponentials, &sum, estimate, &stored_bytes, next_input, pending.exponentials,
          pending.output, pending.scale);
    }
    pending = (struct pending_row){
      .exponentials = exponentials,
      .output = first_row->output + i * output_stride,
      .scale = 1.0 / sum,
    };
    if (!xnnx_is_storable(max) || stored_bytes != row_bytes || isnan(sum)) {
      struct xnnx_softmax_row rare_row = *first_row;
      rare_row.input = input;
      rare_row.output = exponentials;
      xnnx_compute_softmax_row(&rare_row, /*threadpool=*/NULL);
      pending.scale = 1.0;
    }
  }
  if (pending.exponentials != NULL) {
    kernels->vmulcstream(row_bytes, pending.exponentials, pending.output, pending.scale);
  }
}
