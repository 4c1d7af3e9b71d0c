// One block of a row: its exponentials relative to an exponent of the block's own, and what they sum to. Blocks of any
// magnitude: what is too large for the exponential is shifted first.

#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/xnnx/exp.h"
#include "src/xnnx/softmax-kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// Elements in a block. A row is cut into blocks whatever the number of threads, and their partial results are merged in
// order of position: that is what makes results independent of the threads. Each begins with a wait for its estimate:
// with half as many elements rows take 2 to 5 % longer. With more of them there would be too few for the threads.
#define XNNX_BLOCK_ELEMENTS ((size_t) 8192)

// The sum of exp(x) over a block's elements is mantissa * 2^exponent * exp(shift), and each exp(x) is stored, if at
// all, divided by 2^exponent * exp(shift). 16 bytes, like any other partial result.
struct xnnx_block_sum {
  double mantissa;
  float shift;
  float exponent;  // an integer
};

// What is subtracted from elements whose largest is `max`, so that the exponential takes them. Softmax does not change
// when a constant is subtracted from all elements. These are multiples of a step, exactly: blocks whose maxima are near
// each other have the same shift or neighbours, whose ratio is one constant.
float xnnx_shift_of(float max);

// exp(a.shift - b.shift) * 2^(a.exponent - b.exponent), for an a that is not far above b; 0 where it is nothing beside
// b, or has no terms but zeros.
double xnnx_ratio_of_scales(struct xnnx_block_sum a, struct xnnx_block_sum b);

// The sum of the block sums, relative to that of the largest scale.
struct xnnx_block_sum xnnx_add_block_sums(const struct xnnx_block_sum* sums, size_t count);

// An estimate of a block's maximum is max + shift: the maximum of its first elements or, where these look masked, of
// others as well. -infinity where all elements are.
struct xnnx_estimate {
  float max;
  float shift;
};

#define XNNX_ESTIMATED_ELEMENTS ((size_t) 64)

// Elements below this look like masks that are added, or that replace: larger ones follow, as a rule.
#define XNNX_LARGEST_MASK -1024.0f

struct xnnx_estimate xnnx_estimate_rare_max(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float max_of_first);

static inline struct xnnx_estimate xnnx_estimate_max(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input)
{
  const size_t first_elements = count < XNNX_ESTIMATED_ELEMENTS ? count : XNNX_ESTIMATED_ELEMENTS;
  float max;
  kernels->rmax(first_elements * sizeof(float), input, &max);
  if (XNNX_UNLIKELY(!(max > XNNX_LARGEST_MASK && max <= XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT))) {
    return xnnx_estimate_rare_max(kernels, count, input, max);
  }
  const struct xnnx_estimate estimate = {max, 0.0f};
  return estimate;
}

// Stores what is left of a block whose first exponentials a kernel has stored, with the sum and at the scale that
// `start` says, because the estimate was too low for the others, and looks for NaNs. Returns the sum of all.
struct xnnx_block_sum xnnx_store_rest_of_block(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* exponentials, size_t stored_bytes,
    struct xnnx_block_sum start);

static inline struct xnnx_block_sum xnnx_complete_block(
    const struct xnnx_softmax_kernels* kernels,
    size_t count,
    const float* input,
    float* exponentials,
    size_t stored_bytes,
    struct xnnx_block_sum start)
{
  if (XNNX_UNLIKELY(stored_bytes != count * sizeof(float) || isnan(start.mantissa))) {
    return xnnx_store_rest_of_block(kernels, count, input, exponentials, stored_bytes, start);
  }
  return start;
}

struct xnnx_block_sum xnnx_store_masked_block(size_t count, float* exponentials);

// Stores the exponentials of a block, and returns their sum. Where a NaN or +infinity is among the elements the sum is
// NaN, and zeros are stored. `exponentials` may be the input. Meanwhile next_input is fetched, unless it is the input.
// Inlined, so that short rows cost the kernel's call and no more.
static inline struct xnnx_block_sum xnnx_store_block(
    const struct xnnx_softmax_kernels* kernels,
    size_t count,
    const float* input,
    float* exponentials,
    struct xnnx_estimate estimate,
    const float* next_input)
{
  if (XNNX_UNLIKELY(estimate.max == -INFINITY)) {
    return xnnx_store_masked_block(count, exponentials);
  }
  struct xnnx_block_sum sum = {0.0, estimate.shift, xnnx_exponent(estimate.max)};
  size_t stored_bytes;
  kernels->raddstoreexpminusestimate(
      count * sizeof(float), input, exponentials, &sum.mantissa, estimate.max, estimate.shift, &stored_bytes, next_input);
  return xnnx_complete_block(kernels, count, input, exponentials, stored_bytes, sum);
}

// The same, and beside it as many elements of stream_input times stream_factor go to stream_output, past the caches.
struct xnnx_block_sum xnnx_store_block_beside_stream(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* exponentials,
    struct xnnx_estimate estimate, const float* next_input, const float* stream_input, float* stream_output,
    double stream_factor);

// A product with a factor is rounded once, whatever the factor: as the sum of two floats one near FLT_MIN would lose
// bits. With such a one this multiplies by a power of two. Returns what is left to multiply by.
double xnnx_begin_product(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor);

// Multiplies `count` floats in place.
void xnnx_multiply_block(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor);

// What exponentials that sum to `sum` are multiplied by. A sum of 0 is that of nothing but -infinity; they end as NaN
// or as zeros. A NaN sum ends as the same NaN, too, whatever it was made from.
static inline double xnnx_scale_of_sum(double sum, bool zero_if_fully_masked)
{
  if (XNNX_UNLIKELY(!(sum > 0.0))) {
    return sum == 0.0 && zero_if_fully_masked ? 0.0 : (double) NAN;
  }
  return 1.0 / sum;
}

#ifdef __cplusplus
}  // extern "C"
#endif
