#include "test/softmax-rows.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <xnnpack-softmax.h>

#include "src/operators/softmax-row.h"
#include "src/operators/softmax-stream.h"

void compute_softmax_rows(
    const struct xnnx_softmax_kernels& kernels, SoftmaxWay way, bool zero_if_fully_masked, size_t row_count,
    size_t channels, const float* input, float* output) {
  const double scale_of_fully_masked = zero_if_fully_masked ? 0.0 : static_cast<double>(NAN);
  if (way.algorithm == xnnx_softmax_one_pass) {
    kernels.softmaxrows(row_count, channels, input, channels, output, channels, scale_of_fully_masked, /*is_far=*/false);
    return;
  }
  const size_t block_count = xnnx_block_count(channels);
  std::vector<struct xnnx_pair> sums(block_count);
  std::vector<float> maxima(block_count);
  std::vector<double> factors(block_count);
  memset(sums.data(), 0xFF, block_count * sizeof(sums[0]));  // NaN, where none is written
  struct xnnx_softmax_row row = {&kernels, way.algorithm, scale_of_fully_masked, way.stream,
                                 /*is_far=*/false, channels, input, output, sums.data(), factors.data(), maxima.data()};
  if (way.algorithm == xnnx_softmax_blocked && way.stream) {
    const size_t scratch_bytes = xnnx_stream_scratch_elements(channels) * sizeof(float);
    const std::unique_ptr<float, decltype(&free)> scratch(
        static_cast<float*>(aligned_alloc(XNNX_STREAM_SCRATCH_ALIGNMENT, scratch_bytes)), &free);
    xnnx_stream_rows(&row, row_count, channels, channels, scratch.get());
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
