// The steps of the algorithms over the blocks of a row.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <pthreadpool.h>

#include "src/operators/parallelize.h"
#include "src/operators/softmax-row.h"

// One step of an algorithm over all blocks of a row. Within a step no block depends on another.
struct xnnx_step {
  // `partial` is what the step before found out about the block, and where this one leaves what it finds out.
  void (*compute_block)(
      const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial);
  const struct xnnx_softmax_row* row;
  // What the step needs of these is known from the steps before.
  float max;
  struct xnnx_block_sum sum;
  double scale;
};

static inline void xnnx_compute_block(const struct xnnx_step* step, size_t block)
{
  const size_t count = xnnx_block_elements(step->row->channels, block);
  step->compute_block(step, block * XNNX_BLOCK_ELEMENTS, count, &step->row->partials[block]);
}

static inline void xnnx_compute_block_in_pool(void* context, size_t block)
{
  xnnx_compute_block(context, block);
}

// Inlined, so that a short row costs direct calls and no more.
static inline __attribute__((always_inline)) void xnnx_run_step(struct xnnx_step step, pthreadpool_t threadpool)
{
  const size_t block_count = xnnx_block_count(step.row->channels);
  if (threadpool == NULL) {
    for (size_t block = 0; block < block_count; block++) {
      xnnx_compute_block(&step, block);
    }
  } else {
    xnnx_parallelize_1d(threadpool, xnnx_compute_block_in_pool, &step, block_count);
  }
}
