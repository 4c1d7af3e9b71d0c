// The softmax of one row of any length. Every algorithm is the same sequence over its blocks:
//
//   source -> reduce -> merge -> finish -> sink
//
//   source  the input
//   reduce  each block to the sum of its exponentials, a pair; an algorithm that keeps these stores them in the output
//   merge   the pairs, in order of position, whichever thread computed them: a factor for each block
//   finish  each block's results: its exponentials, kept or computed again, times its factor
//   sink    the output, or memory past the caches
//
// Rows one after the other take these steps in another order: softmax-stream.h; those that a kernel computes whole, in
// src/f32-softmaxrows.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <pthreadpool.h>

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

struct xnnx_softmax_row {
  const struct xnnx_softmax_kernels* kernels;
  enum xnnx_softmax_algorithm algorithm;
  double scale_of_fully_masked;  // 0 or NaN
  bool stream;  // the output goes past the caches where the last pass recomputes; not in place
  bool is_far;  // the input comes from memory rather than from a cache
  size_t channels;
  const float* input;
  float* output;
  // Scratch: one each a block.
  struct xnnx_pair* sums;
  double* factors;
  float* maxima;  // for three passes
};

// Computes the row, its blocks in parallel on `threadpool`, or one after the other if that is NULL.
void xnnx_compute_softmax_row(const struct xnnx_softmax_row* row, pthreadpool_t threadpool);

#ifdef __cplusplus
}  // extern "C"
#endif
