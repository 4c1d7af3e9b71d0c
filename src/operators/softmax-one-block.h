// The softmax of rows that are one block of the blocked algorithm each.

#pragma once

#include <stddef.h>

#include "src/operators/softmax-row.h"

#ifdef __cplusplus
extern "C" {
#endif

// Computes `row_count` rows, the first of which is `first_row`, whose output does not go past the caches. A row waits
// for the exponentials of the next one before it is scaled, so that neither waits for its own sum.
void xnnx_compute_one_block_rows(
    const struct xnnx_softmax_row* first_row, size_t row_count, size_t input_stride, size_t output_stride);

#ifdef __cplusplus
}  // extern "C"
#endif
