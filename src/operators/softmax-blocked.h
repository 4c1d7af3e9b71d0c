// The blocked algorithm: each block's exponentials are computed once, relative to an exponent of the block's own,
// before the row's maximum is known. Then each block is scaled by what makes them parts of one row.

#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include <pthreadpool.h>

#include "src/operators/softmax-row.h"
#include "src/xnnx/exp.h"
#include "src/xnnx/softmax-kernels.h"

// Whether exponentials may be stored relative to that of a maximum before the row's is known.
static inline bool xnnx_is_storable(float max)
{
  return fabsf(max) <= XNNX_EXP_LARGEST_STORED_ARGUMENT;
}

// An estimate of the maximum of a block: that of its first elements or, should these be masked, of all.
static inline float xnnx_estimate_max(const struct xnnx_softmax_kernels* kernels, size_t count, const float* input)
{
  const size_t first_elements = 64;
  float estimate;
  kernels->rmax((count < first_elements ? count : first_elements) * sizeof(float), input, &estimate);
  if (!xnnx_is_storable(estimate)) {
    kernels->rmax(count * sizeof(float), input, &estimate);
  }
  return estimate;
}

// Stores the exponentials of a block up to an element for which the estimate is too low; returns their sum. Meanwhile
// next_input is fetched, unless it is the input.
static inline double xnnx_store_start_of_block(
    const struct xnnx_softmax_kernels* kernels,
    size_t count,
    const float* input,
    float* output,
    float estimate,
    size_t* stored_bytes,
    const float* next_input)
{
  double sum = 0.0;
  *stored_bytes = 0;
  if (xnnx_is_storable(estimate)) {
    kernels->raddstoreexpminusestimate(count * sizeof(float), input, output, &sum, estimate, stored_bytes, next_input);
  }
  return sum;
}

static inline struct xnnx_stored_block xnnx_describe_start_of_block(double sum, float estimate, size_t stored_bytes)
{
  const float max = xnnx_is_storable(estimate) ? estimate : -XNNX_EXP_LARGEST_DIRECT_ARGUMENT;
  return (struct xnnx_stored_block){
    .sum = sum,
    .exponent = (int) xnnx_exponent(max),
    .stored_elements = (unsigned int) (stored_bytes / sizeof(float)),
  };
}

// What the blocks' stored elements sum to, with the exponent of the block whose is largest.
struct xnnx_pair xnnx_sum_blocks(const struct xnnx_softmax_row* row);

// What makes a block's stored elements parts of a row whose sum is 2^exponent / scale.
static inline double xnnx_factor_of_block(const struct xnnx_stored_block* block, double scale, double exponent)
{
  return scale * xnnx_power_of_two((double) block->exponent - exponent);
}

// A product with a factor is rounded once, whatever the factor: as the sum of two floats one near FLT_MIN would lose
// bits. With such a one this multiplies by a power of two. Returns what is left to multiply by.
double xnnx_begin_product(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor);

// Stores the others of a block whose start is stored, if that is possible before the row's maximum is known.
void xnnx_store_rest_of_block(
    const struct xnnx_softmax_row* row, size_t offset, size_t count, struct xnnx_stored_block* block);

// Completes a row whose blocks are stored. False where another way must be taken: every element of the input then is as
// it was or, where that is the output, -infinity, if it is nothing beside the row's maximum.
bool xnnx_finish_blocked(const struct xnnx_softmax_row* row, pthreadpool_t threadpool);

// Stores the blocks and completes the row.
bool xnnx_compute_blocked(const struct xnnx_softmax_row* row, pthreadpool_t threadpool);
