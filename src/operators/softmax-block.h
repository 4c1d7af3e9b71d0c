// One block of a row: its exponentials relative to an exponent of the block's own, and what they sum to. Blocks of any
// magnitude: what is too large for the exponential is shifted first.

#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/xnnx/exp.h"
#include "src/xnnx/softmax-kernels.h"

// Elements in a block. A row is cut into blocks whatever the number of threads, and their partial results are merged in
// order of position: that is what makes results independent of the threads. Each begins with a wait for its estimate: with
// half as many elements rows take 2 to 5 % longer. With more of them there would be too few for the threads.
#define XNNX_BLOCK_ELEMENTS ((size_t) 8192)

// The sum of exp(x) over a block's elements is mantissa * 2^exponent * exp(shift), and each exp(x) is stored, if at all,
// divided by 2^exponent * exp(shift). 16 bytes, like any other partial result.
struct xnnx_block_sum {
  double mantissa;
  float shift;
  float exponent;  // an integer
};

// What is subtracted from elements whose largest is `max`, so that the exponential takes them. Softmax does not change
// when a constant is subtracted from all elements. These are multiples of a step, exactly: blocks whose maxima are near
// each other have the same shift or neighbours, whose ratio is one constant.
float xnnx_shift_of(float max);

// exp(a.shift - b.shift) * 2^(a.exponent - b.exponent), for an a that is not far above b; 0 where it is nothing beside b, or
// has no terms but zeros.
double xnnx_ratio_of_scales(struct xnnx_block_sum a, struct xnnx_block_sum b);

// The sum of the block sums, relative to that of the largest scale.
struct xnnx_block_sum xnnx_add_block_sums(const struct xnnx_block_sum* sums, size_t count);

// `input` itself where the shift is 0; otherwise its elements minus the shift, at `shifted`, which may be the input.
const float* xnnx_shift_elements(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* shifted, float shift);

// An estimate of a block's maximum is max + shift: that of its first elements or, should these be masked or in need of a
// shift, the maximum itself. A finite one even of a block that has none.
struct xnnx_estimate {
  float max;
  float shift;
};

struct xnnx_estimate xnnx_estimate_from_all(const struct xnnx_softmax_kernels* kernels, size_t count, const float* input);

static inline struct xnnx_estimate xnnx_estimate_max(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input)
{
  const size_t first_elements = 64;
  float max;
  kernels->rmax((count < first_elements ? count : first_elements) * sizeof(float), input, &max);
  if (XNNX_UNLIKELY(!(fabsf(max) <= XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT))) {
    return xnnx_estimate_from_all(kernels, count, input);
  }
  const struct xnnx_estimate estimate = {max, 0.0f};
  return estimate;
}

// Stores the exponentials of a block, and returns their sum. Where a NaN or +infinity is among the elements the sum is NaN,
// and zeros are stored.
// `exponentials` may be the input. Meanwhile next_input is fetched, unless it is the input.
struct xnnx_block_sum xnnx_store_block(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* exponentials,
    struct xnnx_estimate estimate, const float* next_input);

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

// What exponentials that sum to `sum` are multiplied by. A sum of 0 is that of nothing but -infinity; they end as NaN or
// as zeros. A NaN sum ends as the same NaN, too, whatever it was made from.
static inline double xnnx_scale_of_sum(double sum, bool zero_if_fully_masked)
{
  if (XNNX_UNLIKELY(!(sum > 0.0))) {
    return sum == 0.0 && zero_if_fully_masked ? 0.0 : (double) NAN;
  }
  return 1.0 / sum;
}
