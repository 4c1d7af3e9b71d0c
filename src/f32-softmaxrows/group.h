// What is known of a group of 8 rows, whose maxima, sums and divisions are computed together.

#pragma once

#include "src/f32-softmaxrows/rows.h"

#define XNNX_MOST_VECTORS_OF_GROUPS 4

// Rows of a group.
#define XNNX_GROUP_ROWS ((size_t) 8)
#define XNNX_GROUP_PAIRS (XNNX_GROUP_ROWS / 2)

// What is known of it from one step to the next.
struct group {
  _Alignas(64) float exponent_field[16];
  _Alignas(64) float lowest[16];
  _Alignas(64) float elements[XNNX_GROUP_PAIRS * 16];  // of pairs alone
  _Alignas(64) float exponentials[XNNX_GROUP_ROWS * 16 * XNNX_MOST_VECTORS_OF_GROUPS];
  float factor_high[XNNX_GROUP_ROWS];
  float factor_low[XNNX_GROUP_ROWS];
};

// What the exponentials of rows with these maxima are relative to. Whether none of them needs a shift, or is a NaN.
XNNX_SIMD bool set_maxima(xnnx_f32x16 max_of_rows, struct group* group)
{
  const xnnx_scale scale = xnnx_relative_to(xnnx_rounded_exponent_of_max(max_of_rows));
  xnnx_store(group->exponent_field, scale.exponent_field);
  xnnx_store(group->lowest, scale.lowest);
  return xnnx_are_within(max_of_rows, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT);
}

// Whether all are positive.
XNNX_SIMD bool set_sums(xnnx_f64x8 sums, struct group* group)
{
  xnnx_store_reciprocals(group->factor_high, group->factor_low, sums);
  return xnnx_are_positive(sums);
}
