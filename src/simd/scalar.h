// The vocabulary of src/simd/README.md in plain C, for every processor: what each function means, lane by lane.

#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XNNX_VECTORS_ARE_LOOPS
#include "src/simd/attributes.h"

typedef struct {
  float lane[16];
} xnnx_f32x16;

typedef struct {
  double lane[16];
} xnnx_f64x16;

// One double of each of 8 rows.
typedef struct {
  double lane[8];
} xnnx_f64x8;

typedef struct {
  bool lane[16];
} xnnx_mask16;

typedef struct {
  uint32_t entries[16];
} xnnx_table16;

typedef xnnx_f32x16 xnnx_begun_power;

// A double is the sum of two floats: of its leading bits, and of what is left, rounded.
typedef struct {
  xnnx_f32x16 high;
  xnnx_f32x16 low;
} xnnx_two_floats;

#define XNNX_EACH_LANE(k) for (size_t k = 0; k < 16; k++)

XNNX_SIMD xnnx_f32x16 xnnx_load(const float* elements)
{
  xnnx_f32x16 result;
  memcpy(result.lane, elements, sizeof(result.lane));
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_load_first(const float* elements, size_t count, xnnx_f32x16 rest)
{
  memcpy(rest.lane, elements, count * sizeof(float));
  return rest;
}

XNNX_SIMD xnnx_f32x16 xnnx_load_once(const float* elements)
{
  return xnnx_load(elements);
}

XNNX_SIMD void xnnx_store(float* elements, xnnx_f32x16 a)
{
  memcpy(elements, a.lane, sizeof(a.lane));
}

XNNX_SIMD void xnnx_store_first(float* elements, size_t count, xnnx_f32x16 a)
{
  memcpy(elements, a.lane, count * sizeof(float));
}

XNNX_SIMD xnnx_f32x16 xnnx_load_halves(const float* low, const float* high, size_t count, xnnx_f32x16 rest)
{
  memcpy(rest.lane, low, count * sizeof(float));
  memcpy(rest.lane + 8, high, count * sizeof(float));
  return rest;
}

XNNX_SIMD void xnnx_store_halves(float* low, float* high, size_t count, xnnx_f32x16 a)
{
  memcpy(low, a.lane, count * sizeof(float));
  memcpy(high, a.lane + 8, count * sizeof(float));
}

XNNX_SIMD void xnnx_stream(float* line, xnnx_f32x16 a)
{
  xnnx_store(line, a);
}

XNNX_SIMD void xnnx_end_stream(void)
{
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast(float a)
{
  xnnx_f32x16 result;
  XNNX_EACH_LANE(k) result.lane[k] = a;
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast_halves(float low, float high)
{
  xnnx_f32x16 result;
  XNNX_EACH_LANE(k) result.lane[k] = k < 8 ? low : high;
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_add(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_LANE(k) a.lane[k] = a.lane[k] + b.lane[k];
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_subtract(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_LANE(k) a.lane[k] = a.lane[k] - b.lane[k];
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_LANE(k) a.lane[k] = a.lane[k] * b.lane[k];
  return a;
}

// a * b + c, rounded once. Without an instruction for it: the product is exact as a double, and the sum is rounded to
// odd, after which rounding it to a float is as if there had been no rounding before (Boldo and Melquiond, 2008).
XNNX_SIMD float xnnx_multiply_add_of_floats(float a, float b, float c)
{
#ifdef FP_FAST_FMAF
  return fmaf(a, b, c);
#else
  const double product = (double) a * (double) b;
  const double addend = (double) c;
  double sum = product + addend;
  const double added = sum - product;
  const double lost = (product - (sum - added)) + (addend - added);
  if (lost > 0.0 || lost < 0.0) {
    int64_t bits;
    memcpy(&bits, &sum, sizeof(bits));
    if (bits % 2 == 0) {
      bits += (lost > 0.0) == (sum > 0.0) ? 1 : -1;
      memcpy(&sum, &bits, sizeof(bits));
    }
  }
  return (float) sum;
#endif
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  XNNX_EACH_LANE(k) a.lane[k] = xnnx_multiply_add_of_floats(a.lane[k], b.lane[k], c.lane[k]);
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_max(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_LANE(k) a.lane[k] = a.lane[k] > b.lane[k] ? a.lane[k] : b.lane[k];
  return a;
}

XNNX_SIMD xnnx_mask16 xnnx_not_below(xnnx_f32x16 a, xnnx_f32x16 b)
{
  xnnx_mask16 result;
  XNNX_EACH_LANE(k) result.lane[k] = !(a.lane[k] < b.lane[k]);
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add_or_zero(xnnx_mask16 mask, xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  xnnx_f32x16 result = xnnx_multiply_add(a, b, c);
  XNNX_EACH_LANE(k) result.lane[k] = mask.lane[k] ? result.lane[k] : 0.0f;
  return result;
}

XNNX_SIMD xnnx_table16 xnnx_load_table(const uint32_t entries[16], float step)
{
  (void) step;
  xnnx_table16 table;
  memcpy(table.entries, entries, sizeof(table.entries));
  return table;
}

XNNX_SIMD xnnx_f32x16 xnnx_clear_sixteenths(xnnx_f32x16 a)
{
  uint32_t bits[16];
  memcpy(bits, a.lane, sizeof(bits));
  XNNX_EACH_LANE(k) bits[k] &= ~UINT32_C(15);
  memcpy(a.lane, bits, sizeof(bits));
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_shift_bits(xnnx_f32x16 a)
{
  uint32_t bits[16];
  memcpy(bits, a.lane, sizeof(bits));
  XNNX_EACH_LANE(k) bits[k] <<= 19;
  memcpy(a.lane, bits, sizeof(bits));
  return a;
}

XNNX_SIMD xnnx_table16 xnnx_subtract_from_entries(xnnx_table16 table, xnnx_f32x16 a)
{
  uint32_t bits[16];
  memcpy(bits, a.lane, sizeof(bits));
  XNNX_EACH_LANE(k) table.entries[k] -= bits[k];
  return table;
}

XNNX_SIMD xnnx_f32x16 xnnx_look_up_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  uint32_t bits[16];
  memcpy(bits, shifted.lane, sizeof(bits));
  XNNX_EACH_LANE(k) bits[k] = table.entries[bits[k] % 16] + (bits[k] << 19);
  memcpy(shifted.lane, bits, sizeof(bits));
  return shifted;
}

XNNX_SIMD xnnx_begun_power xnnx_begin_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  return xnnx_look_up_power(table, shifted);
}

XNNX_SIMD xnnx_f32x16 xnnx_end_power(xnnx_begun_power a, xnnx_f32x16 b)
{
  uint32_t a_bits[16];
  uint32_t b_bits[16];
  memcpy(a_bits, a.lane, sizeof(a_bits));
  memcpy(b_bits, b.lane, sizeof(b_bits));
  XNNX_EACH_LANE(k) a_bits[k] -= b_bits[k];
  memcpy(a.lane, a_bits, sizeof(a_bits));
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits(xnnx_f32x16 a, xnnx_f32x16 b)
{
  int32_t a_bits[16];
  int32_t b_bits[16];
  memcpy(a_bits, a.lane, sizeof(a_bits));
  memcpy(b_bits, b.lane, sizeof(b_bits));
  XNNX_EACH_LANE(k) a_bits[k] = a_bits[k] > b_bits[k] ? a_bits[k] : b_bits[k];
  memcpy(a.lane, a_bits, sizeof(a_bits));
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits_in_all_lanes(xnnx_f32x16 a)
{
  int32_t bits[16];
  memcpy(bits, a.lane, sizeof(bits));
  XNNX_EACH_LANE(k) bits[0] = bits[k] > bits[0] ? bits[k] : bits[0];
  XNNX_EACH_LANE(k) memcpy(&a.lane[k], &bits[0], sizeof(bits[0]));
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_max_in_all_lanes(xnnx_f32x16 a)
{
  for (size_t distance = 8; distance != 0; distance /= 2) {
    for (size_t k = 0; k < distance; k++) {
      a.lane[k] = a.lane[k] > a.lane[k + distance] ? a.lane[k] : a.lane[k + distance];
    }
  }
  return xnnx_broadcast(a.lane[0]);
}

XNNX_SIMD float xnnx_first_lane(xnnx_f32x16 a)
{
  return a.lane[0];
}

XNNX_SIMD bool xnnx_are_within(xnnx_f32x16 a, float largest_magnitude)
{
  bool result = true;
  XNNX_EACH_LANE(k) result = result && fabsf(a.lane[k]) <= largest_magnitude;
  return result;
}

XNNX_SIMD xnnx_f64x16 xnnx_to_doubles(xnnx_f32x16 a)
{
  xnnx_f64x16 result;
  XNNX_EACH_LANE(k) result.lane[k] = (double) a.lane[k];
  return result;
}

XNNX_SIMD xnnx_f64x16 xnnx_add_doubles(xnnx_f64x16 a, xnnx_f64x16 b)
{
  XNNX_EACH_LANE(k) a.lane[k] = a.lane[k] + b.lane[k];
  return a;
}

XNNX_SIMD double xnnx_sum_of_lanes(xnnx_f64x16 a)
{
  for (size_t distance = 8; distance != 0; distance /= 2) {
    for (size_t k = 0; k < distance; k++) {
      a.lane[k] += a.lane[k + distance];
    }
  }
  return a.lane[0];
}

XNNX_SIMD xnnx_f32x16 xnnx_add_halves(xnnx_f32x16 a, xnnx_f32x16 b)
{
  xnnx_f32x16 result;
  for (size_t k = 0; k < 8; k++) {
    result.lane[k] = a.lane[k] + a.lane[k + 8];
    result.lane[k + 8] = b.lane[k] + b.lane[k + 8];
  }
  return result;
}

XNNX_SIMD double xnnx_sum_of_one(xnnx_f32x16 a)
{
  return xnnx_sum_of_lanes(xnnx_to_doubles(xnnx_add_halves(a, xnnx_broadcast(0.0f))));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each(
    xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d, xnnx_f32x16 e, xnnx_f32x16 f, xnnx_f32x16 g,
    xnnx_f32x16 h)
{
  const xnnx_f32x16 rows[8] = {a, b, c, d, e, f, g, h};
  xnnx_f32x16 result;
  XNNX_EACH_LANE(k) result.lane[k] = xnnx_max_in_all_lanes(rows[k % 8]).lane[0];
  return result;
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each(
    xnnx_f64x16 a, xnnx_f64x16 b, xnnx_f64x16 c, xnnx_f64x16 d, xnnx_f64x16 e, xnnx_f64x16 f, xnnx_f64x16 g,
    xnnx_f64x16 h)
{
  const xnnx_f64x16 rows[8] = {a, b, c, d, e, f, g, h};
  xnnx_f64x8 result;
  for (size_t row = 0; row < 8; row++) {
    result.lane[row] = xnnx_sum_of_lanes(rows[row]);
  }
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each_half(xnnx_f32x16 ab, xnnx_f32x16 cd, xnnx_f32x16 ef, xnnx_f32x16 gh)
{
  const xnnx_f32x16 pairs[4] = {ab, cd, ef, gh};
  xnnx_f32x16 result;
  XNNX_EACH_LANE(k)
  {
    const float* half = pairs[k / 2 % 4].lane + 8 * (k % 2);
    result.lane[k] = half[0];
    for (size_t i = 1; i < 8; i++) {
      result.lane[k] = result.lane[k] > half[i] ? result.lane[k] : half[i];
    }
  }
  return result;
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each_half(xnnx_f64x16 ab, xnnx_f64x16 cd, xnnx_f64x16 ef, xnnx_f64x16 gh)
{
  const xnnx_f64x16 pairs[4] = {ab, cd, ef, gh};
  xnnx_f64x8 result;
  for (size_t row = 0; row < 8; row++) {
    const double* half = pairs[row / 2].lane + 8 * (row % 2);
    const double even = (half[0] + half[4]) + (half[2] + half[6]);
    const double odd = (half[1] + half[5]) + (half[3] + half[7]);
    result.lane[row] = even + odd;
  }
  return result;
}

XNNX_SIMD bool xnnx_are_positive(xnnx_f64x8 a)
{
  bool result = true;
  for (size_t row = 0; row < 8; row++) {
    result = result && a.lane[row] > 0.0;
  }
  return result;
}

XNNX_SIMD xnnx_two_floats xnnx_split(double a)
{
  uint64_t bits;
  double leading;
  memcpy(&bits, &a, sizeof(bits));
  bits &= XNNX_LEADING_BITS;
  memcpy(&leading, &bits, sizeof(leading));
  return (xnnx_two_floats){xnnx_broadcast((float) leading), xnnx_broadcast((float) (a - leading))};
}

XNNX_SIMD void xnnx_store_reciprocals(float high[8], float low[8], xnnx_f64x8 a)
{
  for (size_t row = 0; row < 8; row++) {
    const xnnx_two_floats reciprocal = xnnx_split(1.0 / a.lane[row]);
    high[row] = reciprocal.high.lane[0];
    low[row] = reciprocal.low.lane[0];
  }
}
