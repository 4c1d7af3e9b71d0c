// The softmax of rows of at most a block each.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "src/operators/softmax-row.h"

// Whether rows of an algorithm are computed so.
static inline bool xnnx_computes_several_rows(enum xnnx_softmax_algorithm algorithm, size_t channels)
{
  return algorithm == xnnx_softmax_blocked && channels <= XNNX_BLOCK_ELEMENTS;
}

// Computes `row_count` rows, the first of which is `first_row`. A row waits for the exponentials of the next one before
// it is scaled, so that neither waits for its own sum. If the output goes past the caches, nothing but results goes
// there: the rest is in 32 KiB on the stack.
void xnnx_compute_softmax_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride);
