#include "src/operators/softmax-stream.h"

#include <math.h>

#include "src/xnnx/exp.h"

// A row whose exponentials are ready; it leaves while those of the next row are computed.
struct pending_row {
  const float* exponentials;  // NULL: none
  float* output;
  double scale;
};

static void finish(const struct xnnx_softmax_kernels* kernels, size_t row_bytes, struct pending_row* pending)
{
  if (pending->exponentials != NULL) {
    kernels->vmulcstream(row_bytes, pending->exponentials, pending->output, pending->scale);
    pending->exponentials = NULL;
  }
}

void xnnx_stream_softmax_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride)
{
  _Alignas(64) float scratch[2][XNNX_BLOCK_ELEMENTS];
  const struct xnnx_softmax_kernels* kernels = first_row->kernels;
  const size_t row_bytes = first_row->channels * sizeof(float);
  struct xnnx_softmax_row row = *first_row;
  struct pending_row pending = {.exponentials = NULL};
  for (size_t i = 0; i < row_count; i++, row.input += input_stride, row.output += output_stride) {
    float max;
    kernels->rmax(row_bytes, row.input, &max);
    if (!(fabsf(max) <= XNNX_EXP_LARGEST_DIRECT_ARGUMENT)) {
      finish(kernels, row_bytes, &pending);
      xnnx_compute_softmax_row(&row, /*threadpool=*/NULL);
      continue;
    }
    float* exponentials = scratch[i % 2];
    double sum;
    if (pending.exponentials == NULL) {
      kernels->raddstoreexpminusmax(row_bytes, row.input, exponentials, &sum, max, max);
    } else {
      const float* next_input = i + 1 < row_count ? row.input + input_stride : row.input;
      kernels->raddstoreexpminusmaxstream(
          row_bytes, row.input, exponentials, &sum, max, max, next_input, pending.exponentials, pending.output,
          pending.scale);
    }
    // A sum that is NaN makes all of the row's products NaN.
    pending = (struct pending_row){.exponentials = exponentials, .output = row.output, .scale = 1.0 / sum};
  }
  finish(kernels, row_bytes, &pending);
}
