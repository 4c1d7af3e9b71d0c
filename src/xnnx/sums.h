// Merging: what the sums of blocks amount to in their row, and what exponentials are multiplied by then. For kernels and
// operators.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "src/xnnx/exp.h"

// exp(a.shift - b.shift) * 2^(a.exponent - b.exponent), for an a that is not far above b; 0 where it is nothing beside
// b, or has no terms but zeros.
static inline double xnnx_ratio_of_scales(struct xnnx_pair a, struct xnnx_pair b)
{
  const double exponent_difference = (double) a.exponent - (double) b.exponent;
  const float shift_difference = a.shift - b.shift;
  if (a.mantissa == 0.0) {
    return 0.0;
  }
  if (shift_difference == 0.0f) {
    return xnnx_power_of_two(exponent_difference);
  }
  if (shift_difference == -XNNX_EXP_SHIFT_STEP) {
    return xnnx_power_of_two(exponent_difference - XNNX_EXP_OF_SHIFT_STEP_EXPONENT) / XNNX_EXP_OF_SHIFT_STEP_MANTISSA;
  }
  if (shift_difference == XNNX_EXP_SHIFT_STEP) {
    return xnnx_power_of_two(exponent_difference + XNNX_EXP_OF_SHIFT_STEP_EXPONENT) * XNNX_EXP_OF_SHIFT_STEP_MANTISSA;
  }
  // Maxima with shifts that are no neighbours differ by more than half a step.
  return 0.0;
}

// The logarithm of a sum's scale, well enough to tell which one is largest. A sum of 0 has none.
static inline double xnnx_log_of_scale(struct xnnx_pair sum)
{
  return sum.mantissa == 0.0 ? -INFINITY : (double) sum.shift + (double) sum.exponent * XNNX_LN2;
}

// The sum of `count` sums, relative to that of the largest scale.
static inline struct xnnx_pair xnnx_add_sums(const struct xnnx_pair* sums, size_t count)
{
  struct xnnx_pair total = sums[0];
  for (size_t i = 1; i < count; i++) {
    if (xnnx_log_of_scale(sums[i]) > xnnx_log_of_scale(total)) {
      total = sums[i];
    }
  }
  double mantissa = 0.0;
  for (size_t i = 0; i < count; i++) {
    mantissa += sums[i].mantissa * xnnx_ratio_of_scales(sums[i], total);
  }
  total.mantissa = mantissa;
  return total;
}

// What exponentials that sum to `sum` are multiplied by: scale_of_fully_masked for a sum of 0, that of nothing but
// -infinity, and NaN for a NaN.
static inline double xnnx_scale_of_sum(double sum, double scale_of_fully_masked)
{
  if (sum > 0.0) {
    return 1.0 / sum;
  }
  return sum == 0.0 ? scale_of_fully_masked : (double) NAN;
}

// What a block's exponentials are multiplied by: 0 where they are nothing beside the row's, NaN throughout a row whose
// scale is.
static inline double xnnx_factor_of_block(struct xnnx_pair block, struct xnnx_pair row, double scale)
{
  return scale != scale ? scale : scale * xnnx_ratio_of_scales(block, row);
}

// Merges a row's blocks, in order of position: what each one's exponentials are multiplied by.
static inline void xnnx_find_factors(
    size_t block_count, const struct xnnx_pair* sums, double scale_of_fully_masked, double* factors)
{
  if (block_count == 1) {
    factors[0] = xnnx_scale_of_sum(sums[0].mantissa, scale_of_fully_masked);
    return;
  }
  const struct xnnx_pair sum = xnnx_add_sums(sums, block_count);
  const double scale = xnnx_scale_of_sum(sum.mantissa, scale_of_fully_masked);
  for (size_t block = 0; block < block_count; block++) {
    factors[block] = xnnx_factor_of_block(sums[block], sum, scale);
  }
}

// A product with a factor is rounded once, whatever the factor: as the sum of two floats one near FLT_MIN would lose
// bits. With such a one the exponentials are multiplied by this power of two first.
#define XNNX_SMALLEST_FACTOR 0x1p-90
#define XNNX_POWER_BEFORE_FACTOR 0x1p-64
