#include "test/softmax-rows.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <xnnpack-softmax.h>

#include "src/operators/softmax-one-block.h"
#include "src/operators/softmax-row.h"
#include "src/operators/softmax-stream.h"

void compute_softmax_rows(
    const struct xnnx_softmax_kernels& kernels, SoftmaxWay way, bool zero_if_fully_masked, size_t row_count,
    size_t channels, const float* input, float* output) {
  std::vector<union xnnx_partial_result> partials(xnnx_block_count(channels));
  memset(partials.data(), 0xFF, partials.size() * sizeof(partials[0]));  // NaN, where none is written
  struct xnnx_softmax_row row = {&kernels, way.algorithm, zero_if_fully_masked, way.stream,
                                 channels, input,         output,               partials.data()};
  const bool is_blocked = way.algorithm == xnnx_softmax_blocked;
  if (is_blocked && way.stream) {
    const size_t scratch_bytes = xnnx_stream_scratch_elements(channels) * sizeof(float);
    const std::unique_ptr<float, decltype(&free)> scratch(
        static_cast<float*>(aligned_alloc(XNNX_STREAM_SCRATCH_ALIGNMENT, scratch_bytes)), &free);
    xnnx_stream_rows(&row, row_count, channels, channels, scratch.get());
  } else if (is_blocked && channels <= XNNX_BLOCK_ELEMENTS) {
    xnnx_compute_one_block_rows(&row, row_count, channels, channels);
  } else {
    for (size_t i = 0; i < row_count; i++) {
      xnnx_compute_softmax_row(&row, /*threadpool=*/nullptr);
      row.input += channels;
      row.output += channels;
    }
  }
}

std::vector<enum xnnx_isa> usable_isas() {
  uint32_t usable = 0;
  if (xnnx_find_usable_isas("usable_isas", &usable) != xnn_status_success) {
    throw std::runtime_error(xnnx_last_error());
  }
  std::vector<enum xnnx_isa> isas;
  for (int isa = 0; isa < xnnx_isa_count; isa++) {
    if ((usable >> isa & 1) != 0) {
      isas.push_back(static_cast<enum xnnx_isa>(isa));
    }
  }
  return isas;
}

struct xnnx_softmax_kernels default_kernels(enum xnnx_isa isa) {
  struct xnnx_softmax_kernels kernels;
  if (xnnx_select_softmax_kernels("default_kernels", uint32_t{1} << isa, &kernels) != xnn_status_success) {
    throw std::runtime_error(xnnx_last_error());
  }
  return kernels;
}
