// Sums of exponentials, as docs/arithmetic.md has them: compensated floats for blocks, doubles for short rows.

#pragma once

#include "src/xnnx/exp.h"

// `sum` begins above any term, so that what rounding loses of a term is exactly term - (new sum - sum) (Dekker's fast
// two-sum); `lost` collects that.
typedef struct {
  xnnx_f32x16 sum;
  xnnx_f32x16 lost;
} xnnx_compensated_sum;

XNNX_SIMD xnnx_compensated_sum xnnx_begin_sum(void)
{
  return (xnnx_compensated_sum){xnnx_broadcast(XNNX_SUM_OFFSET), xnnx_broadcast(0.0f)};
}

XNNX_SIMD xnnx_compensated_sum xnnx_add_term(xnnx_compensated_sum so_far, xnnx_f32x16 term)
{
  const xnnx_f32x16 sum = xnnx_add(so_far.sum, term);
  const xnnx_f32x16 lost = xnnx_subtract(term, xnnx_subtract(sum, so_far.sum));
  return (xnnx_compensated_sum){sum, xnnx_add(so_far.lost, lost)};
}

// The last two terms are doubles at once: what rounding would lose of them takes four operations each to find out, and all wait
// for it.
XNNX_SIMD double xnnx_end_sum(xnnx_compensated_sum others, xnnx_f32x16 last_but_one, xnnx_f32x16 last)
{
  const xnnx_f64x16 sum = xnnx_to_doubles(xnnx_subtract(others.sum, xnnx_broadcast(XNNX_SUM_OFFSET)));
  const xnnx_f64x16 all_others = xnnx_add_doubles(sum, xnnx_to_doubles(others.lost));
  const xnnx_f64x16 all_but_last = xnnx_add_doubles(all_others, xnnx_to_doubles(last_but_one));
  return xnnx_sum_of_lanes(xnnx_add_doubles(all_but_last, xnnx_to_doubles(last)));
}
