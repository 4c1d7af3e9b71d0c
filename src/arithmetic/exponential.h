// exp(x) on 16 lanes, as docs/arithmetic.md has it. Comes behind a vocabulary of src/simd.
//
//   k/16 = round(16 x log2 e) / 16: adding a number of 2^19's magnitude leaves four bits for the fraction.
//   t = x - k/16 ln 2:              both steps fused. Good to 2^-29 for |x| <= 2^17.
//   2^(k/16):                       the low four bits of k select the table's entry, the rest is its exponent.
//   exp(x) = 2^(k/16) p(t):         p(t) begins with 1 + c0, and the table's entries are that much smaller.

#pragma once

#include "src/xnnx/exp.h"

// What exponentials are relative to: they are divided by 2^exponent. Lanes may have exponents of their own.
typedef struct {
  // Rounds to sixteenths, and leaves k + 16 (127 - exponent), whose part above the low four bits is the exponent field.
  xnnx_f32x16 round_to_field;
  // Below it the field would not be that of a normal number: there the exponential is 0.
  xnnx_f32x16 lowest;
} xnnx_scale_of_exponentials;

// One less than the exponent of exp(max): a sum that exp(max) is part of is above 1 then.
XNNX_SIMD xnnx_f32x16 xnnx_exponent_of_max(xnnx_f32x16 max)
{
  const xnnx_f32x16 rounded =
      xnnx_multiply_add(max, xnnx_broadcast(XNNX_EXP_LOG2E), xnnx_broadcast(XNNX_ROUND_TO_INTEGER));
  return xnnx_subtract(rounded, xnnx_broadcast(XNNX_ROUND_TO_INTEGER + 1.0f));
}

XNNX_SIMD xnnx_scale_of_exponentials xnnx_relative_to(xnnx_f32x16 exponent)
{
  return (xnnx_scale_of_exponentials){
      .round_to_field = xnnx_subtract(xnnx_broadcast(XNNX_ROUND_TO_SIXTEENTH + 127.0f), exponent),
      .lowest = xnnx_multiply_add(
          xnnx_subtract(exponent, xnnx_broadcast(126.0f)), xnnx_broadcast(XNNX_EXP_LN2_HI),
          xnnx_broadcast(XNNX_EXP_ABOVE_LOWEST)),
  };
}

// The first half of an exponential. Between the halves of one there is room for those of others.
typedef struct {
  xnnx_mask16 is_normal;
  xnnx_f32x16 t;
  xnnx_f32x16 power;
} xnnx_reduced;

XNNX_SIMD xnnx_reduced xnnx_reduce(xnnx_f32x16 x, xnnx_scale_of_exponentials scale)
{
  const xnnx_table16 table = xnnx_load_table(xnnx_exp_table);
  const xnnx_f32x16 shifted = xnnx_multiply_add(x, xnnx_broadcast(XNNX_EXP_LOG2E), scale.round_to_field);
  const xnnx_f32x16 rounded = xnnx_subtract(shifted, scale.round_to_field);
  const xnnx_f32x16 t = xnnx_multiply_add(rounded, xnnx_broadcast(-XNNX_EXP_LN2_HI), x);
  return (xnnx_reduced){
      .is_normal = xnnx_not_below(x, scale.lowest),
      .t = xnnx_multiply_add(rounded, xnnx_broadcast(-XNNX_EXP_LN2_LO), t),
      .power = xnnx_look_up_power(table, shifted),
  };
}

XNNX_SIMD xnnx_f32x16 xnnx_exponential(xnnx_reduced reduced)
{
  xnnx_f32x16 p = xnnx_multiply_add(xnnx_broadcast(XNNX_EXP_C3), reduced.t, xnnx_broadcast(XNNX_EXP_C2));
  p = xnnx_multiply_add(p, reduced.t, xnnx_broadcast(XNNX_EXP_C1));
  p = xnnx_multiply_add(p, reduced.t, xnnx_broadcast(XNNX_EXP_C0));
  return xnnx_multiply_add_or_zero(reduced.is_normal, reduced.power, p, reduced.power);
}
