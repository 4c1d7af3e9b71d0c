// The softmax of one row, with each of the algorithms.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <pthreadpool.h>

#include "src/operators/softmax-block.h"
#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline size_t xnnx_block_count(size_t channels)
{
  return channels / XNNX_BLOCK_ELEMENTS + (channels % XNNX_BLOCK_ELEMENTS != 0);
}

static inline size_t xnnx_block_elements(size_t channels, size_t block)
{
  const size_t rest = channels - block * XNNX_BLOCK_ELEMENTS;
  return rest < XNNX_BLOCK_ELEMENTS ? rest : XNNX_BLOCK_ELEMENTS;
}

// What one step of an algorithm finds out about one block.
union xnnx_partial_result {
  struct xnnx_block_sum sum;
  float max;
  double sum_below_max;  // relative to the row's maximum
  double factor;         // by which a stored block is to be multiplied
};

struct xnnx_softmax_row {
  const struct xnnx_softmax_kernels* kernels;
  enum xnnx_softmax_algorithm algorithm;
  bool zero_if_fully_masked;
  bool stream;  // the output goes past the caches where the last pass recomputes; not in place
  size_t channels;
  const float* input;
  float* output;
  union xnnx_partial_result* partials;  // scratch: one a block
};

// Computes the row, its blocks in parallel on `threadpool`, or one after the other if that is NULL.
void xnnx_compute_softmax_row(const struct xnnx_softmax_row* row, pthreadpool_t threadpool);

#ifdef __cplusplus
}  // extern "C"
#endif
