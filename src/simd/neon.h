// The vocabulary of src/simd/README.md on AArch64: 16 floats are four registers, 16 doubles eight.

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arm_neon.h>

#include "src/simd/attributes.h"

typedef struct {
  float32x4_t quarter[4];
} xnnx_f32x16;

// Lanes 0 and 1, 2 and 3, and so on.
typedef struct {
  float64x2_t pair[8];
} xnnx_f64x16;

// One double of each of 8 rows.
typedef struct {
  float64x2_t pair[4];
} xnnx_f64x8;

typedef struct {
  uint32x4_t quarter[4];
} xnnx_mask16;

typedef struct {
  uint8x16x4_t bytes;
} xnnx_table16;

#define XNNX_EACH_QUARTER(k) XNNX_UNROLL for (size_t k = 0; k < 4; k++)

XNNX_SIMD xnnx_f32x16 xnnx_load(const float* elements)
{
  xnnx_f32x16 result;
  XNNX_EACH_QUARTER(k) result.quarter[k] = vld1q_f32(elements + 4 * k);
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_load_once(const float* elements)
{
  return xnnx_load(elements);
}

XNNX_SIMD void xnnx_store(float* elements, xnnx_f32x16 a)
{
  XNNX_EACH_QUARTER(k) vst1q_f32(elements + 4 * k, a.quarter[k]);
}

XNNX_SIMD xnnx_f32x16 xnnx_load_first(const float* elements, size_t count, xnnx_f32x16 rest)
{
  float lanes[16];
  xnnx_store(lanes, rest);
  memcpy(lanes, elements, count * sizeof(float));
  return xnnx_load(lanes);
}

XNNX_SIMD void xnnx_store_first(float* elements, size_t count, xnnx_f32x16 a)
{
  float lanes[16];
  xnnx_store(lanes, a);
  memcpy(elements, lanes, count * sizeof(float));
}

// AArch64's non-temporal stores are hints, of pairs of registers.
XNNX_SIMD void xnnx_stream(float* line, xnnx_f32x16 a)
{
  __asm__ volatile("stnp %q0, %q1, [%2]" : : "w"(a.quarter[0]), "w"(a.quarter[1]), "r"(line) : "memory");
  __asm__ volatile("stnp %q0, %q1, [%2, 32]" : : "w"(a.quarter[2]), "w"(a.quarter[3]), "r"(line) : "memory");
}

// They are in order before the stores of a later release, as ordinary ones are.
XNNX_SIMD void xnnx_end_stream(void)
{
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast(float a)
{
  const float32x4_t four = vdupq_n_f32(a);
  return (xnnx_f32x16){{four, four, four, four}};
}

XNNX_SIMD xnnx_f32x16 xnnx_add(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_QUARTER(k) a.quarter[k] = vaddq_f32(a.quarter[k], b.quarter[k]);
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_subtract(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_QUARTER(k) a.quarter[k] = vsubq_f32(a.quarter[k], b.quarter[k]);
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_QUARTER(k) a.quarter[k] = vmulq_f32(a.quarter[k], b.quarter[k]);
  return a;
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  XNNX_EACH_QUARTER(k) c.quarter[k] = vfmaq_f32(c.quarter[k], a.quarter[k], b.quarter[k]);
  return c;
}

XNNX_SIMD xnnx_f32x16 xnnx_max(xnnx_f32x16 a, xnnx_f32x16 b)
{
  XNNX_EACH_QUARTER(k) a.quarter[k] = vmaxq_f32(a.quarter[k], b.quarter[k]);
  return a;
}

XNNX_SIMD xnnx_mask16 xnnx_not_below(xnnx_f32x16 a, xnnx_f32x16 b)
{
  xnnx_mask16 result;
  XNNX_EACH_QUARTER(k) result.quarter[k] = vmvnq_u32(vcltq_f32(a.quarter[k], b.quarter[k]));
  return result;
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add_or_zero(xnnx_mask16 mask, xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  xnnx_f32x16 result = xnnx_multiply_add(a, b, c);
  XNNX_EACH_QUARTER(k)
  {
    result.quarter[k] = vreinterpretq_f32_u32(vandq_u32(mask.quarter[k], vreinterpretq_u32_f32(result.quarter[k])));
  }
  return result;
}

XNNX_SIMD xnnx_table16 xnnx_load_table(const uint32_t entries[16])
{
  xnnx_table16 result;
  XNNX_EACH_QUARTER(k) result.bytes.val[k] = vreinterpretq_u8_u32(vld1q_u32(entries + 4 * k));
  return result;
}

// Entry k is bytes 4k to 4k + 3 of the table.
XNNX_SIMD xnnx_f32x16 xnnx_look_up_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  const uint32x4_t low_bits = vdupq_n_u32(15);
  const uint32x4_t four_copies = vdupq_n_u32(0x04040404);
  const uint32x4_t byte_offsets = vdupq_n_u32(0x03020100);
  XNNX_EACH_QUARTER(k)
  {
    const uint32x4_t bits = vreinterpretq_u32_f32(shifted.quarter[k]);
    const uint32x4_t bytes = vmlaq_u32(byte_offsets, vandq_u32(bits, low_bits), four_copies);
    const uint32x4_t entry = vreinterpretq_u32_u8(vqtbl4q_u8(table.bytes, vreinterpretq_u8_u32(bytes)));
    shifted.quarter[k] = vreinterpretq_f32_u32(vaddq_u32(entry, vshlq_n_u32(bits, 19)));
  }
  return shifted;
}

XNNX_SIMD float32x4_t xnnx_max_of_quarters(xnnx_f32x16 a)
{
  return vmaxq_f32(vmaxq_f32(a.quarter[0], a.quarter[2]), vmaxq_f32(a.quarter[1], a.quarter[3]));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_in_all_lanes(xnnx_f32x16 a)
{
  return xnnx_broadcast(vmaxvq_f32(xnnx_max_of_quarters(a)));
}

XNNX_SIMD float xnnx_first_lane(xnnx_f32x16 a)
{
  return vgetq_lane_f32(a.quarter[0], 0);
}

XNNX_SIMD bool xnnx_are_within(xnnx_f32x16 a, float largest_magnitude)
{
  uint32x4_t within = vdupq_n_u32(UINT32_MAX);
  XNNX_EACH_QUARTER(k) within = vandq_u32(within, vcaleq_f32(a.quarter[k], vdupq_n_f32(largest_magnitude)));
  return vminvq_u32(within) != 0;
}

XNNX_SIMD xnnx_f64x16 xnnx_to_doubles(xnnx_f32x16 a)
{
  xnnx_f64x16 result;
  XNNX_EACH_QUARTER(k)
  {
    result.pair[2 * k] = vcvt_f64_f32(vget_low_f32(a.quarter[k]));
    result.pair[2 * k + 1] = vcvt_high_f64_f32(a.quarter[k]);
  }
  return result;
}

XNNX_SIMD xnnx_f64x16 xnnx_add_doubles(xnnx_f64x16 a, xnnx_f64x16 b)
{
  XNNX_UNROLL for (size_t k = 0; k < 8; k++) a.pair[k] = vaddq_f64(a.pair[k], b.pair[k]);
  return a;
}

// Lanes 0 and 1 of the sum of a's lanes and those 8, then 4, then 2 above them.
XNNX_SIMD float64x2_t xnnx_fold(xnnx_f64x16 a)
{
  const float64x2_t even = vaddq_f64(vaddq_f64(a.pair[0], a.pair[4]), vaddq_f64(a.pair[2], a.pair[6]));
  const float64x2_t odd = vaddq_f64(vaddq_f64(a.pair[1], a.pair[5]), vaddq_f64(a.pair[3], a.pair[7]));
  return vaddq_f64(even, odd);
}

XNNX_SIMD double xnnx_sum_of_lanes(xnnx_f64x16 a)
{
  return vpaddd_f64(xnnx_fold(a));
}

XNNX_SIMD float32x4_t xnnx_max_of_each_of_four(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d)
{
  return vpmaxq_f32(
      vpmaxq_f32(xnnx_max_of_quarters(a), xnnx_max_of_quarters(b)),
      vpmaxq_f32(xnnx_max_of_quarters(c), xnnx_max_of_quarters(d)));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each(
    xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d, xnnx_f32x16 e, xnnx_f32x16 f, xnnx_f32x16 g,
    xnnx_f32x16 h)
{
  const float32x4_t first = xnnx_max_of_each_of_four(a, b, c, d);
  const float32x4_t last = xnnx_max_of_each_of_four(e, f, g, h);
  return (xnnx_f32x16){{first, last, first, last}};
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each(
    xnnx_f64x16 a, xnnx_f64x16 b, xnnx_f64x16 c, xnnx_f64x16 d, xnnx_f64x16 e, xnnx_f64x16 f, xnnx_f64x16 g,
    xnnx_f64x16 h)
{
  return (xnnx_f64x8){{
      vpaddq_f64(xnnx_fold(a), xnnx_fold(b)), vpaddq_f64(xnnx_fold(c), xnnx_fold(d)),
      vpaddq_f64(xnnx_fold(e), xnnx_fold(f)), vpaddq_f64(xnnx_fold(g), xnnx_fold(h))}};
}

XNNX_SIMD bool xnnx_are_positive(xnnx_f64x8 a)
{
  bool result = true;
  for (size_t k = 0; k < 4; k++) {
    result = result && vgetq_lane_f64(a.pair[k], 0) > 0.0 && vgetq_lane_f64(a.pair[k], 1) > 0.0;
  }
  return result;
}

XNNX_SIMD void xnnx_store_reciprocals(float high[8], float low[8], xnnx_f64x8 a)
{
  XNNX_EACH_QUARTER(k)
  {
    const float64x2_t reciprocal = vdivq_f64(vdupq_n_f64(1.0), a.pair[k]);
    const float32x2_t rounded = vcvt_f32_f64(reciprocal);
    vst1_f32(high + 2 * k, rounded);
    vst1_f32(low + 2 * k, vcvt_f32_f64(vsubq_f64(reciprocal, vcvt_f64_f32(rounded))));
  }
}
