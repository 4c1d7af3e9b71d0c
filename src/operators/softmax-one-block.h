// The softmax of rows that are one block of the blocked algorithm each.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "src/operators/softmax-row.h"

// Whether a row is such a one.
static inline bool xnnx_is_one_block(enum xnnx_softmax_algorithm algorithm, size_t channels)
{
  return algorithm == xnnx_softmax_blocked && channels <= XNNX_BLOCK_ELEMENTS;
}

// Computes `row_count` rows, the first of which is `first_row`. A row waits for the exponentials of the next one before
// it is scaled, so that neither waits for its own sum. If the output goes past the caches, nothing but results goes
// there: the rest is in 32 KiB on the stack.
void xnnx_compute_one_block_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride);
