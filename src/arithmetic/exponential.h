// exp(x) on 16 lanes, as docs/arithmetic.md has it. Comes behind a vocabulary of src/simd.
//
//   k/16 = round(16 x log2 e) / 16: adding a number of 2^19's magnitude leaves four bits for the fraction.
//   t = a x - k/16 b:               b / a is ln 2 but for 2^-35, and a, b and k/16 b are floats: only t is rounded.
//   2^(k/16):                       the low four bits of k select the table's entry, the rest is added to its exponent.
//   exp(x) = 2^(k/16) p(t):         p(t) begins with 1 + c0, and the table's entries are that much smaller.
//
// What exponentials are relative to comes in with the table: k and t can be computed before it is known.

#pragma once

#include "src/xnnx/exp.h"

// What exponentials are relative to: they are divided by 2^exponent.
typedef struct {
  // Has exponent + 1 in the exponent field.
  xnnx_f32x16 exponent_field;
  // The lowest k/16, as rounding leaves it, whose exponential is a normal number. Below it, it is 0.
  xnnx_f32x16 lowest;
} xnnx_scale;

typedef struct {
  xnnx_table16 powers;
  xnnx_f32x16 lowest;
} xnnx_scaled_table;

XNNX_SIMD xnnx_f32x16 xnnx_round_to_sixteenth(xnnx_f32x16 x)
{
  return xnnx_multiply_add(x, xnnx_broadcast(XNNX_EXP_LOG2E), xnnx_broadcast(XNNX_ROUND_TO_SIXTEENTH));
}

// The exponent that exponentials of elements up to `max` are relative to, plus 1, as rounding leaves it: that of exp(max). A
// sum that exp(max) is part of is at least 2 then.
XNNX_SIMD xnnx_f32x16 xnnx_rounded_exponent_of_max(xnnx_f32x16 max)
{
  return xnnx_clear_sixteenths(xnnx_round_to_sixteenth(max));
}

XNNX_SIMD float xnnx_exponent_of_rounded(xnnx_f32x16 rounded_exponent)
{
  return xnnx_first_lane(rounded_exponent) - (XNNX_ROUND_TO_SIXTEENTH + 1.0f);
}

XNNX_SIMD xnnx_f32x16 xnnx_rounded_exponent(float exponent)
{
  return xnnx_broadcast(exponent + (XNNX_ROUND_TO_SIXTEENTH + 1.0f));
}

// Each lane may have an exponent of its own.
XNNX_SIMD xnnx_scale xnnx_relative_to(xnnx_f32x16 rounded_exponent)
{
  return (xnnx_scale){
      .exponent_field = xnnx_shift_bits(rounded_exponent),
      .lowest = xnnx_add(rounded_exponent, xnnx_broadcast(XNNX_EXP_LOWEST_SIXTEENTH - 1.0f)),
  };
}

XNNX_SIMD xnnx_table16 xnnx_load_exp_table(void)
{
  return xnnx_load_table(xnnx_exp_table, XNNX_EXP_STEP);
}

// All entries are scaled alike: all lanes of `scale` are the same.
XNNX_SIMD xnnx_scaled_table xnnx_scale_table(xnnx_scale scale)
{
  return (xnnx_scaled_table){xnnx_subtract_from_entries(xnnx_load_exp_table(), scale.exponent_field), scale.lowest};
}

// The first half of an exponential. Between the halves of one there is room for those of others.
typedef struct {
  xnnx_f32x16 shifted;  // k/16, as rounding leaves it
  xnnx_f32x16 t;
} xnnx_reduced;

XNNX_SIMD xnnx_reduced xnnx_reduce(xnnx_f32x16 x)
{
  const xnnx_f32x16 shifted = xnnx_round_to_sixteenth(x);
  const xnnx_f32x16 minus_k_b = xnnx_multiply_add(
      shifted, xnnx_broadcast(-XNNX_EXP_B), xnnx_broadcast(XNNX_ROUND_TO_SIXTEENTH * XNNX_EXP_B));
  return (xnnx_reduced){shifted, xnnx_multiply_add(x, xnnx_broadcast(XNNX_EXP_A), minus_k_b)};
}

// `power` is 2^(k/16) divided by what exponentials are relative to.
XNNX_SIMD xnnx_f32x16 xnnx_exponential_of_power(xnnx_reduced reduced, xnnx_f32x16 power, xnnx_f32x16 lowest)
{
  const xnnx_mask16 is_normal = xnnx_not_below(reduced.shifted, lowest);
  xnnx_f32x16 p = xnnx_multiply_add(xnnx_broadcast(XNNX_EXP_C3), reduced.t, xnnx_broadcast(XNNX_EXP_C2));
  p = xnnx_multiply_add(p, reduced.t, xnnx_broadcast(XNNX_EXP_C1));
  p = xnnx_multiply_add(p, reduced.t, xnnx_broadcast(XNNX_EXP_C0));
  return xnnx_multiply_add_or_zero(is_normal, power, p, power);
}

// The same of a power that is begun; each lane may have a scale of its own.
XNNX_SIMD xnnx_f32x16 xnnx_exponential_relative_to(xnnx_reduced reduced, xnnx_begun_power power, xnnx_scale scale)
{
  return xnnx_exponential_of_power(reduced, xnnx_end_power(power, scale.exponent_field), scale.lowest);
}

XNNX_SIMD xnnx_f32x16 xnnx_exponential(xnnx_reduced reduced, xnnx_scaled_table table)
{
  return xnnx_exponential_of_power(reduced, xnnx_look_up_power(table.powers, reduced.shifted), table.lowest);
}
