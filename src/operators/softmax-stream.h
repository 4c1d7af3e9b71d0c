// Batches of rows whose blocked algorithm writes past the caches.

#pragma once

#include <stddef.h>

#include "src/operators/softmax-row.h"

#ifdef __cplusplus
extern "C" {
#endif

#define XNNX_STREAM_SCRATCH_ALIGNMENT 64

// Exponentials wait in slots of some blocks each.
#define XNNX_SLOT_ELEMENTS (4 * XNNX_BLOCK_ELEMENTS)

static inline size_t xnnx_slot_count(size_t channels)
{
  return channels / XNNX_SLOT_ELEMENTS + (channels % XNNX_SLOT_ELEMENTS != 0);
}

static inline size_t xnnx_stream_scratch_elements(size_t channels)
{
  return (xnnx_slot_count(channels) + 1) * XNNX_SLOT_ELEMENTS;
}

// Computes `row_count` rows, the first of which is `first_row`. The exponentials of a row wait in `scratch`, of
// xnnx_stream_scratch_elements(channels) aligned floats, until those of the next row are computed, and leave meanwhile:
// nothing but results goes to the output, and once.
void xnnx_stream_rows(
    const struct xnnx_softmax_row* first_row,
    size_t row_count,
    size_t input_stride,
    size_t output_stride,
    float* scratch);

#ifdef __cplusplus
}  // extern "C"
#endif
