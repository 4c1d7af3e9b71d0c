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

XNNX_SIMD double xnnx_end_sum(xnnx_compensated_sum all)
{
  const xnnx_f64x16 sum = xnnx_to_doubles(xnnx_subtract(all.sum, xnnx_broadcast(XNNX_SUM_OFFSET)));
  return xnnx_sum_of_lanes(xnnx_add_doubles(sum, xnnx_to_doubles(all.lost)));
}
