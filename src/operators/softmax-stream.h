// The softmax of many rows of at most a block, past the caches.

#pragma once

#include <stddef.h>

#include "src/operators/softmax-row.h"

// Computes `row_count` rows, the first of which is `row`, in three passes that store in a scratch buffer, so that nothing
// but results goes to the output, and only past the caches. Not in place. Bit by bit what xnnx_compute_softmax_row computes
// with the algorithm xnnx_softmax_three_pass_reload.
void xnnx_stream_softmax_rows(
    const struct xnnx_softmax_row* row, size_t row_count, size_t input_stride, size_t output_stride);
