// docs/arithmetic.md in plain C, for tests to compare with, bit for bit.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "src/xnnx/exp.h"

#ifdef __cplusplus
extern "C" {
#endif

// What exponentials of elements up to `max` are relative to: the exponent and the shift, with a mantissa of 0.
struct xnnx_pair xnnx_scale_reference(float max);

// exp(x) / 2^exponent.
float xnnx_exponential_reference(float x, float exponent);

// The largest of `count` elements; NaN if one is.
float xnnx_max_reference(size_t count, const float* input);

// The sum of exponentials of a block, which go to `output`, relative to `scale`; and that of a short row.
double xnnx_block_sum_reference(size_t count, const float* input, struct xnnx_pair scale, float* output);
double xnnx_short_row_sum_reference(size_t count, const float* input, struct xnnx_pair scale, float* output);

// What an exponential becomes: times a factor, which may be 0 or NaN.
float xnnx_result_reference(float e, double factor);

// A whole row: as short, if it has up to XNNX_SHORT_ROW_CHANNELS, or in blocks whatever its length.
void xnnx_short_row_reference(size_t channels, const float* input, float* output, double scale_of_fully_masked);
void xnnx_row_in_blocks_reference(size_t channels, const float* input, float* output, double scale_of_fully_masked);

// What an operator with these flags computes for a row.
void xnnx_softmax_reference(uint32_t flags, size_t channels, const float* input, float* output);

#ifdef __cplusplus
}  // extern "C"
#endif
