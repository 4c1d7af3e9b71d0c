// The softmax of many rows of at most a block, past the caches.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "src/operators/softmax-row.h"

// Whether rows of an algorithm that are to go past the caches are computed so.
static inline bool xnnx_streams_several_rows(enum xnnx_softmax_algorithm algorithm, size_t channels)
{
  return algorithm == xnnx_softmax_blocked && channels <= XNNX_BLOCK_ELEMENTS;
}

// Computes `row_count` rows, the first of which is `first_row`, by way of a scratch buffer of 32 KiB on the stack, so
// that nothing but results goes to the output. Not in place. Bit by bit what xnnx_compute_softmax_row computes.
void xnnx_stream_softmax_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride);
