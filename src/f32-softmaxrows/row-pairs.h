// Groups of rows of up to 8 channels, of which two share a vector: one has lanes 0 to 7, the next one lanes 8 to 15. In
// vectors of their own they would have nothing but zeros to add from lane 8 on.

#pragma once

#include "src/f32-softmaxrows/group.h"
#include "src/f32-softmaxrows/one-row.h"

#define XNNX_PAIRED_ROW_CHANNELS ((size_t) 8)

#define XNNX_PAIRS_AT_ONCE (XNNX_VECTORS_AT_ONCE < XNNX_GROUP_PAIRS ? XNNX_VECTORS_AT_ONCE : XNNX_GROUP_PAIRS)

// Gathers a group's elements, since parts of vectors take longer to load than whole ones. The rows' maxima.
XNNX_SIMD xnnx_f32x16 load_pairs(const struct rows* rows, const float* input, struct group* group)
{
  xnnx_f32x16 x[XNNX_GROUP_PAIRS];
  XNNX_UNROLL for (size_t pair = 0; pair < XNNX_GROUP_PAIRS; pair++)
  {
    const float* row = input + 2 * pair * rows->input_stride;
    x[pair] = xnnx_load_halves(row, row + rows->input_stride, rows->channels, xnnx_missing(/*is_shifted=*/false));
    xnnx_store(group->elements + pair * 16, x[pair]);
  }
  return xnnx_max_of_each_half(x[0], x[1], x[2], x[3]);
}

// Two rows' values, each in the lanes of its row.
XNNX_SIMD xnnx_f32x16 values_of_pair(const float* value_of_row, size_t pair)
{
  return xnnx_broadcast_halves(value_of_row[2 * pair], value_of_row[2 * pair + 1]);
}

XNNX_SIMD xnnx_scale scale_of_pair(const struct group* group, size_t pair)
{
  return (xnnx_scale){values_of_pair(group->exponent_field, pair), values_of_pair(group->lowest, pair)};
}

// Of as many pairs from `first` on as stand side by side.
XNNX_SIMD void store_exponentials_of_some_pairs(struct group* group, size_t first, xnnx_f64x16* sum)
{
  const xnnx_table16 table = xnnx_load_exp_table();
  xnnx_reduced reduced[XNNX_PAIRS_AT_ONCE];
  XNNX_UNROLL for (size_t k = 0; k < XNNX_PAIRS_AT_ONCE; k++)
  {
    reduced[k] = xnnx_reduce(xnnx_load(group->elements + (first + k) * 16));
  }
  XNNX_UNROLL for (size_t k = 0; k < XNNX_PAIRS_AT_ONCE; k++)
  {
    const xnnx_begun_power power = xnnx_begin_power(table, reduced[k].shifted);
    const xnnx_f32x16 y = xnnx_exponential_relative_to(reduced[k], power, scale_of_pair(group, first + k));
    xnnx_store(group->exponentials + (first + k) * 16, y);
    sum[k] = xnnx_to_doubles(y);
  }
}

// The sums of a group's rows.
XNNX_SIMD xnnx_f64x8 store_exponentials_of_pairs(struct group* group)
{
  xnnx_f64x16 sum[XNNX_GROUP_PAIRS];
  XNNX_UNROLL for (size_t first = 0; first < XNNX_GROUP_PAIRS; first += XNNX_PAIRS_AT_ONCE)
  {
    store_exponentials_of_some_pairs(group, first, sum + first);
  }
  return xnnx_sum_of_each_half(sum[0], sum[1], sum[2], sum[3]);
}

XNNX_SIMD void store_pair(const struct rows* rows, const struct group* group, size_t pair, float* output)
{
  const xnnx_two_floats factor = {values_of_pair(group->factor_high, pair), values_of_pair(group->factor_low, pair)};
  float* row = output + 2 * pair * rows->output_stride;
  const xnnx_f32x16 y = xnnx_times(xnnx_load_once(group->exponentials + pair * 16), factor);
  xnnx_store_halves(row, row + rows->output_stride, rows->channels, y);
}
