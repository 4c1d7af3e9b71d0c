// The softmax of one row, with each of the algorithms.

#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include <pthreadpool.h>

#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-kernels.h"

// Elements in a block. A row is cut into blocks whatever the number of threads, and their partial results are merged in
// order of position: that is what makes results independent of the threads. Each begins with a wait for its estimate: with
// half as many elements rows take 2 to 5 % longer. With more of them there would be too few for the threads.
#define XNNX_BLOCK_ELEMENTS ((size_t) 8192)

static inline size_t xnnx_block_count(size_t channels)
{
  return channels / XNNX_BLOCK_ELEMENTS + (channels % XNNX_BLOCK_ELEMENTS != 0);
}

static inline size_t xnnx_block_elements(size_t channels, size_t block)
{
  const size_t rest = channels - block * XNNX_BLOCK_ELEMENTS;
  return rest < XNNX_BLOCK_ELEMENTS ? rest : XNNX_BLOCK_ELEMENTS;
}

#define XNNX_STORED_ELEMENTS_BITS 14

// A block of which the first elements are stored as exp(x) / 2^exponent, and what they sum to. 16 bytes, like any other
// of the results below.
struct xnnx_stored_block {
  double sum;
  float max_of_rest;  // of the other elements, if there are any
  signed int exponent : 18;
  unsigned int stored_elements : XNNX_STORED_ELEMENTS_BITS;
};
static_assert(XNNX_BLOCK_ELEMENTS < 1 << XNNX_STORED_ELEMENTS_BITS, "stored_elements must hold a block's");

// What one step of an algorithm finds out about one block.
union xnnx_partial_result {
  struct xnnx_stored_block stored_block;
  float max;
  double sum;
  double factor;  // by which a stored block is to be multiplied
  struct xnnx_pair pair;
  bool contains_nan;
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

// Completes a row of one block, whose start is stored as row->partials[0] says.
void xnnx_finish_softmax_row(const struct xnnx_softmax_row* row);
