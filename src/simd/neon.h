// The vocabulary of src/simd/README.md on AArch64's NEON: 16 floats are four registers, 16 doubles eight.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <arm_neon.h>

#include "src/simd/attributes.h"

// Lanes 0 to 3, 4 to 7, 8 to 11, 12 to 15.
typedef struct {
  float32x4_t first;
  float32x4_t second;
  float32x4_t third;
  float32x4_t fourth;
} xnnx_f32x16;

typedef struct {
  float64x2_t pair[8];
} xnnx_f64x16;

// One double of each of 8 rows.
typedef struct {
  float64x2_t pair[4];
} xnnx_f64x8;

// All bits of a lane where it is false: what has to be cleared.
typedef struct {
  uint32x4_t first;
  uint32x4_t second;
  uint32x4_t third;
  uint32x4_t fourth;
} xnnx_mask16;

typedef struct {
  uint32x4_t first;
  uint32x4_t second;
  uint32x4_t third;
  uint32x4_t fourth;
} xnnx_table16;

typedef xnnx_f32x16 xnnx_begun_power;

// A double is the sum of two floats: of its leading bits, and of what is left, rounded.
typedef struct {
  xnnx_f32x16 high;
  xnnx_f32x16 low;
} xnnx_two_floats;

XNNX_SIMD xnnx_f32x16 xnnx_load(const float* elements)
{
  return (xnnx_f32x16){
      vld1q_f32(elements), vld1q_f32(elements + 4), vld1q_f32(elements + 8), vld1q_f32(elements + 12)};
}

// Lanes `distance` to 3 as lanes 0 to 3 - distance; the others from `rest`.
XNNX_SIMD float32x4_t xnnx_move_down(float32x4_t a, size_t distance, float32x4_t rest)
{
  static const uint8_t own_bytes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const uint8x16_t from = vaddq_u8(vld1q_u8(own_bytes), vdupq_n_u8((uint8_t) (distance * sizeof(float))));
  return vreinterpretq_f32_u8(vqtbx1q_u8(vreinterpretq_u8_f32(rest), vreinterpretq_u8_f32(a), from));
}

// Four lanes of 16, of which `count` in all, at least four, are loaded; `first` is the number of the first one. What is
// loaded ends with the last of them, and moves down to its place.
XNNX_SIMD float32x4_t xnnx_load_first_of_four(const float* elements, size_t first, size_t count, float32x4_t rest)
{
  const size_t beyond = count >= first + 4 ? 0 : first + 4 - count;
  return xnnx_move_down(vld1q_f32(elements + first - beyond), beyond, rest);
}

// One to three.
XNNX_SIMD float32x4_t xnnx_load_few(const float* elements, size_t count, float32x4_t rest)
{
  float32x4_t last = vdupq_n_f32(elements[count - 1]);
  last = vld1q_lane_f32(elements + (count == 1 ? 0 : count - 2), last, 2);
  last = vld1q_lane_f32(elements, last, 1);
  return xnnx_move_down(last, 4 - count, rest);
}

XNNX_SIMD xnnx_f32x16 xnnx_load_first(const float* elements, size_t count, xnnx_f32x16 rest)
{
  if (count < 4) {
    rest.first = xnnx_load_few(elements, count, rest.first);
    return rest;
  }
  return (xnnx_f32x16){
      xnnx_load_first_of_four(elements, 0, count, rest.first), xnnx_load_first_of_four(elements, 4, count, rest.second),
      xnnx_load_first_of_four(elements, 8, count, rest.third),
      xnnx_load_first_of_four(elements, 12, count, rest.fourth)};
}

XNNX_SIMD xnnx_f32x16 xnnx_load_halves(const float* low, const float* high, size_t count, xnnx_f32x16 rest)
{
  if (count < 4) {
    rest.first = xnnx_load_few(low, count, rest.first);
    rest.third = xnnx_load_few(high, count, rest.third);
    return rest;
  }
  return (xnnx_f32x16){
      vld1q_f32(low), xnnx_load_first_of_four(low, 4, count, rest.second), vld1q_f32(high),
      xnnx_load_first_of_four(high, 4, count, rest.fourth)};
}

// No instruction but loads reads memory.
XNNX_SIMD xnnx_f32x16 xnnx_load_once(const float* elements)
{
  return xnnx_load(elements);
}

XNNX_SIMD void xnnx_store(float* elements, xnnx_f32x16 a)
{
  vst1q_f32(elements, a.first);
  vst1q_f32(elements + 4, a.second);
  vst1q_f32(elements + 8, a.third);
  vst1q_f32(elements + 12, a.fourth);
}

XNNX_SIMD void xnnx_store_eight(float* elements, float32x4_t four, float32x4_t next_four)
{
  vst1q_f32(elements, four);
  vst1q_f32(elements + 4, next_four);
}

// Fewer than eight.
XNNX_SIMD void xnnx_store_first_of_eight(float* elements, size_t count, float32x4_t four, float32x4_t next_four)
{
  if (count & 4) {
    vst1q_f32(elements, four);
    elements += 4;
    four = next_four;
  }
  float32x2_t two = vget_low_f32(four);
  if (count & 2) {
    vst1_f32(elements, two);
    elements += 2;
    two = vget_high_f32(four);
  }
  if (count & 1) {
    vst1_lane_f32(elements, two, 0);
  }
}

XNNX_SIMD void xnnx_store_first(float* elements, size_t count, xnnx_f32x16 a)
{
  if (count == 16) {
    xnnx_store(elements, a);
    return;
  }
  float32x4_t four = a.first;
  float32x4_t next_four = a.second;
  if (count & 8) {
    xnnx_store_eight(elements, four, next_four);
    elements += 8;
    four = a.third;
    next_four = a.fourth;
  }
  xnnx_store_first_of_eight(elements, count % 8, four, next_four);
}

XNNX_SIMD void xnnx_store_halves(float* low, float* high, size_t count, xnnx_f32x16 a)
{
  if (count == 8) {
    xnnx_store_eight(low, a.first, a.second);
    xnnx_store_eight(high, a.third, a.fourth);
    return;
  }
  xnnx_store_first_of_eight(low, count, a.first, a.second);
  xnnx_store_first_of_eight(high, count, a.third, a.fourth);
}

// Ordinary stores: processors see by themselves that lines are written whole. Whoever tells other threads of them puts
// them in order.
XNNX_SIMD void xnnx_stream(float* line, xnnx_f32x16 a)
{
  xnnx_store(line, a);
}

XNNX_SIMD void xnnx_end_stream(void)
{
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast(float a)
{
  const float32x4_t four = vdupq_n_f32(a);
  return (xnnx_f32x16){four, four, four, four};
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast_halves(float low, float high)
{
  const float32x4_t four_low = vdupq_n_f32(low);
  const float32x4_t four_high = vdupq_n_f32(high);
  return (xnnx_f32x16){four_low, four_low, four_high, four_high};
}

XNNX_SIMD xnnx_f32x16 xnnx_add(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      vaddq_f32(a.first, b.first), vaddq_f32(a.second, b.second), vaddq_f32(a.third, b.third),
      vaddq_f32(a.fourth, b.fourth)};
}

XNNX_SIMD xnnx_f32x16 xnnx_subtract(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      vsubq_f32(a.first, b.first), vsubq_f32(a.second, b.second), vsubq_f32(a.third, b.third),
      vsubq_f32(a.fourth, b.fourth)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      vmulq_f32(a.first, b.first), vmulq_f32(a.second, b.second), vmulq_f32(a.third, b.third),
      vmulq_f32(a.fourth, b.fourth)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  return (xnnx_f32x16){
      vfmaq_f32(c.first, a.first, b.first), vfmaq_f32(c.second, a.second, b.second),
      vfmaq_f32(c.third, a.third, b.third), vfmaq_f32(c.fourth, a.fourth, b.fourth)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      vmaxq_f32(a.first, b.first), vmaxq_f32(a.second, b.second), vmaxq_f32(a.third, b.third),
      vmaxq_f32(a.fourth, b.fourth)};
}

XNNX_SIMD xnnx_mask16 xnnx_not_below(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_mask16){
      vcltq_f32(a.first, b.first), vcltq_f32(a.second, b.second), vcltq_f32(a.third, b.third),
      vcltq_f32(a.fourth, b.fourth)};
}

XNNX_SIMD float32x4_t xnnx_clear(float32x4_t a, uint32x4_t bits)
{
  return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a), bits));
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add_or_zero(xnnx_mask16 mask, xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  const xnnx_f32x16 result = xnnx_multiply_add(a, b, c);
  return (xnnx_f32x16){
      xnnx_clear(result.first, mask.first), xnnx_clear(result.second, mask.second),
      xnnx_clear(result.third, mask.third), xnnx_clear(result.fourth, mask.fourth)};
}

XNNX_SIMD xnnx_table16 xnnx_load_table(const uint32_t entries[16], float step)
{
  (void) step;
  return (xnnx_table16){
      vld1q_u32(entries), vld1q_u32(entries + 4), vld1q_u32(entries + 8), vld1q_u32(entries + 12)};
}

XNNX_SIMD float32x4_t xnnx_clear_sixteenths_of_four(float32x4_t a)
{
  return xnnx_clear(a, vdupq_n_u32(15));
}

XNNX_SIMD xnnx_f32x16 xnnx_clear_sixteenths(xnnx_f32x16 a)
{
  return (xnnx_f32x16){
      xnnx_clear_sixteenths_of_four(a.first), xnnx_clear_sixteenths_of_four(a.second),
      xnnx_clear_sixteenths_of_four(a.third), xnnx_clear_sixteenths_of_four(a.fourth)};
}

XNNX_SIMD float32x4_t xnnx_shift_bits_of_four(float32x4_t a)
{
  return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(a), 19));
}

XNNX_SIMD xnnx_f32x16 xnnx_shift_bits(xnnx_f32x16 a)
{
  return (xnnx_f32x16){
      xnnx_shift_bits_of_four(a.first), xnnx_shift_bits_of_four(a.second), xnnx_shift_bits_of_four(a.third),
      xnnx_shift_bits_of_four(a.fourth)};
}

XNNX_SIMD uint32x4_t xnnx_subtract_from_four_entries(uint32x4_t a, float32x4_t b)
{
  return vsubq_u32(a, vreinterpretq_u32_f32(b));
}

XNNX_SIMD xnnx_table16 xnnx_subtract_from_entries(xnnx_table16 table, xnnx_f32x16 a)
{
  return (xnnx_table16){
      xnnx_subtract_from_four_entries(table.first, a.first), xnnx_subtract_from_four_entries(table.second, a.second),
      xnnx_subtract_from_four_entries(table.third, a.third), xnnx_subtract_from_four_entries(table.fourth, a.fourth)};
}

XNNX_SIMD float32x4_t xnnx_subtract_bits_of_four(float32x4_t a, float32x4_t b)
{
  return vreinterpretq_f32_u32(vsubq_u32(vreinterpretq_u32_f32(a), vreinterpretq_u32_f32(b)));
}

XNNX_SIMD float32x4_t xnnx_max_of_bits_of_four(float32x4_t a, float32x4_t b)
{
  return vreinterpretq_f32_s32(vmaxq_s32(vreinterpretq_s32_f32(a), vreinterpretq_s32_f32(b)));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      xnnx_max_of_bits_of_four(a.first, b.first), xnnx_max_of_bits_of_four(a.second, b.second),
      xnnx_max_of_bits_of_four(a.third, b.third), xnnx_max_of_bits_of_four(a.fourth, b.fourth)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits_in_all_lanes(xnnx_f32x16 a)
{
  const float32x4_t low = xnnx_max_of_bits_of_four(a.first, a.second);
  const float32x4_t four = xnnx_max_of_bits_of_four(low, xnnx_max_of_bits_of_four(a.third, a.fourth));
  const float32x4_t max = vreinterpretq_f32_s32(vdupq_n_s32(vmaxvq_s32(vreinterpretq_s32_f32(four))));
  return (xnnx_f32x16){max, max, max, max};
}

// Eight words' low halves, and their high ones.
XNNX_SIMD uint16x8_t xnnx_low_halves(uint32x4_t a, uint32x4_t b)
{
  return vuzp1q_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b));
}

XNNX_SIMD uint16x8_t xnnx_high_halves(uint32x4_t a, uint32x4_t b)
{
  return vuzp2q_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b));
}

// Sixteen halves' low bytes, and their high ones.
XNNX_SIMD uint8x16_t xnnx_low_bytes(uint16x8_t a, uint16x8_t b)
{
  return vuzp1q_u8(vreinterpretq_u8_u16(a), vreinterpretq_u8_u16(b));
}

XNNX_SIMD uint8x16_t xnnx_high_bytes(uint16x8_t a, uint16x8_t b)
{
  return vuzp2q_u8(vreinterpretq_u8_u16(a), vreinterpretq_u8_u16(b));
}

// Byte by byte: the entries' first bytes are a table in one register, which is looked up for all lanes at once, and so
// are the others. Tables of several registers take several steps, and GCC 12 keeps them in memory. What is added to an
// entry, k * 2^19, has nothing in the low half. In a loop the table is taken apart before it.
XNNX_SIMD xnnx_f32x16 xnnx_look_up_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  const uint16x8_t entry_low_0_7 = xnnx_low_halves(table.first, table.second);
  const uint16x8_t entry_low_8_15 = xnnx_low_halves(table.third, table.fourth);
  const uint16x8_t entry_high_0_7 = xnnx_high_halves(table.first, table.second);
  const uint16x8_t entry_high_8_15 = xnnx_high_halves(table.third, table.fourth);
  const uint16x8_t k_0_7 = xnnx_low_halves(vreinterpretq_u32_f32(shifted.first), vreinterpretq_u32_f32(shifted.second));
  const uint16x8_t k_8_15 =
      xnnx_low_halves(vreinterpretq_u32_f32(shifted.third), vreinterpretq_u32_f32(shifted.fourth));
  const uint8x16_t entry = vandq_u8(xnnx_low_bytes(k_0_7, k_8_15), vdupq_n_u8(15));
  const uint8x16_t first_byte = vqtbl1q_u8(xnnx_low_bytes(entry_low_0_7, entry_low_8_15), entry);
  const uint8x16_t second_byte = vqtbl1q_u8(xnnx_high_bytes(entry_low_0_7, entry_low_8_15), entry);
  const uint8x16_t third_byte = vqtbl1q_u8(xnnx_low_bytes(entry_high_0_7, entry_high_8_15), entry);
  const uint8x16_t fourth_byte = vqtbl1q_u8(xnnx_high_bytes(entry_high_0_7, entry_high_8_15), entry);
  const uint16x8_t low_0_7 = vreinterpretq_u16_u8(vzip1q_u8(first_byte, second_byte));
  const uint16x8_t low_8_15 = vreinterpretq_u16_u8(vzip2q_u8(first_byte, second_byte));
  const uint16x8_t high_0_7 =
      vaddq_u16(vreinterpretq_u16_u8(vzip1q_u8(third_byte, fourth_byte)), vshlq_n_u16(k_0_7, 19 - 16));
  const uint16x8_t high_8_15 =
      vaddq_u16(vreinterpretq_u16_u8(vzip2q_u8(third_byte, fourth_byte)), vshlq_n_u16(k_8_15, 19 - 16));
  return (xnnx_f32x16){
      vreinterpretq_f32_u16(vzip1q_u16(low_0_7, high_0_7)), vreinterpretq_f32_u16(vzip2q_u16(low_0_7, high_0_7)),
      vreinterpretq_f32_u16(vzip1q_u16(low_8_15, high_8_15)), vreinterpretq_f32_u16(vzip2q_u16(low_8_15, high_8_15))};
}

XNNX_SIMD xnnx_begun_power xnnx_begin_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  return xnnx_look_up_power(table, shifted);
}

XNNX_SIMD xnnx_f32x16 xnnx_end_power(xnnx_begun_power begun, xnnx_f32x16 a)
{
  return (xnnx_f32x16){
      xnnx_subtract_bits_of_four(begun.first, a.first), xnnx_subtract_bits_of_four(begun.second, a.second),
      xnnx_subtract_bits_of_four(begun.third, a.third), xnnx_subtract_bits_of_four(begun.fourth, a.fourth)};
}

XNNX_SIMD float32x4_t xnnx_max_of_four_lanes(xnnx_f32x16 a)
{
  return vmaxq_f32(vmaxq_f32(a.first, a.third), vmaxq_f32(a.second, a.fourth));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_in_all_lanes(xnnx_f32x16 a)
{
  return xnnx_broadcast(vmaxvq_f32(xnnx_max_of_four_lanes(a)));
}

XNNX_SIMD float xnnx_first_lane(xnnx_f32x16 a)
{
  return vgetq_lane_f32(a.first, 0);
}

XNNX_SIMD bool xnnx_are_within(xnnx_f32x16 a, float largest_magnitude)
{
  const float32x4_t largest = vdupq_n_f32(largest_magnitude);
  const uint32x4_t low = vandq_u32(vcaleq_f32(a.first, largest), vcaleq_f32(a.second, largest));
  const uint32x4_t high = vandq_u32(vcaleq_f32(a.third, largest), vcaleq_f32(a.fourth, largest));
  return vminvq_u32(vandq_u32(low, high)) != 0;
}

XNNX_SIMD xnnx_f64x16 xnnx_to_doubles(xnnx_f32x16 a)
{
  return (xnnx_f64x16){
      {vcvt_f64_f32(vget_low_f32(a.first)), vcvt_high_f64_f32(a.first), vcvt_f64_f32(vget_low_f32(a.second)),
       vcvt_high_f64_f32(a.second), vcvt_f64_f32(vget_low_f32(a.third)), vcvt_high_f64_f32(a.third),
       vcvt_f64_f32(vget_low_f32(a.fourth)), vcvt_high_f64_f32(a.fourth)}};
}

XNNX_SIMD xnnx_f64x16 xnnx_add_doubles(xnnx_f64x16 a, xnnx_f64x16 b)
{
  XNNX_UNROLL for (size_t i = 0; i < 8; i++) a.pair[i] = vaddq_f64(a.pair[i], b.pair[i]);
  return a;
}

// Lanes 0 and 1 of the sum of a's lanes and those 8, then 4 and then 2 above them.
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

XNNX_SIMD xnnx_f32x16 xnnx_add_halves(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      vaddq_f32(a.first, a.third), vaddq_f32(a.second, a.fourth), vaddq_f32(b.first, b.third),
      vaddq_f32(b.second, b.fourth)};
}

XNNX_SIMD double xnnx_sum_of_one(xnnx_f32x16 a)
{
  const float32x4_t low = vaddq_f32(a.first, a.third);
  const float32x4_t high = vaddq_f32(a.second, a.fourth);
  const float64x2_t even = vaddq_f64(vcvt_f64_f32(vget_low_f32(low)), vcvt_f64_f32(vget_low_f32(high)));
  const float64x2_t odd = vaddq_f64(vcvt_high_f64_f32(low), vcvt_high_f64_f32(high));
  return vpaddd_f64(vaddq_f64(even, odd));
}

// Of four rows, in this order.
XNNX_SIMD float32x4_t xnnx_max_of_each_of_four(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d)
{
  const float32x4_t ab = vpmaxq_f32(xnnx_max_of_four_lanes(a), xnnx_max_of_four_lanes(b));
  const float32x4_t cd = vpmaxq_f32(xnnx_max_of_four_lanes(c), xnnx_max_of_four_lanes(d));
  return vpmaxq_f32(ab, cd);
}

// Of the four rows of two vectors, in this order.
XNNX_SIMD float32x4_t xnnx_max_of_each_half_of_two(xnnx_f32x16 ab, xnnx_f32x16 cd)
{
  const float32x4_t max_of_ab = vpmaxq_f32(vmaxq_f32(ab.first, ab.second), vmaxq_f32(ab.third, ab.fourth));
  const float32x4_t max_of_cd = vpmaxq_f32(vmaxq_f32(cd.first, cd.second), vmaxq_f32(cd.third, cd.fourth));
  return vpmaxq_f32(max_of_ab, max_of_cd);
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each_half(xnnx_f32x16 ab, xnnx_f32x16 cd, xnnx_f32x16 ef, xnnx_f32x16 gh)
{
  const float32x4_t low = xnnx_max_of_each_half_of_two(ab, cd);
  const float32x4_t high = xnnx_max_of_each_half_of_two(ef, gh);
  return (xnnx_f32x16){low, high, low, high};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each(
    xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d, xnnx_f32x16 e, xnnx_f32x16 f, xnnx_f32x16 g,
    xnnx_f32x16 h)
{
  const float32x4_t low = xnnx_max_of_each_of_four(a, b, c, d);
  const float32x4_t high = xnnx_max_of_each_of_four(e, f, g, h);
  return (xnnx_f32x16){low, high, low, high};
}

// The order of addition is that of xnnx_sum_of_lanes.
XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each(
    xnnx_f64x16 a, xnnx_f64x16 b, xnnx_f64x16 c, xnnx_f64x16 d, xnnx_f64x16 e, xnnx_f64x16 f, xnnx_f64x16 g,
    xnnx_f64x16 h)
{
  return (xnnx_f64x8){
      {vpaddq_f64(xnnx_fold(a), xnnx_fold(b)), vpaddq_f64(xnnx_fold(c), xnnx_fold(d)),
       vpaddq_f64(xnnx_fold(e), xnnx_fold(f)), vpaddq_f64(xnnx_fold(g), xnnx_fold(h))}};
}

// Of the two rows of a vector.
XNNX_SIMD float64x2_t xnnx_sum_of_each_half_of_one(xnnx_f64x16 ab)
{
  const float64x2_t a = vaddq_f64(vaddq_f64(ab.pair[0], ab.pair[2]), vaddq_f64(ab.pair[1], ab.pair[3]));
  const float64x2_t b = vaddq_f64(vaddq_f64(ab.pair[4], ab.pair[6]), vaddq_f64(ab.pair[5], ab.pair[7]));
  return vpaddq_f64(a, b);
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each_half(xnnx_f64x16 ab, xnnx_f64x16 cd, xnnx_f64x16 ef, xnnx_f64x16 gh)
{
  return (xnnx_f64x8){
      {xnnx_sum_of_each_half_of_one(ab), xnnx_sum_of_each_half_of_one(cd), xnnx_sum_of_each_half_of_one(ef),
       xnnx_sum_of_each_half_of_one(gh)}};
}

XNNX_SIMD bool xnnx_are_positive(xnnx_f64x8 a)
{
  const uint64x2_t low = vandq_u64(vcgtzq_f64(a.pair[0]), vcgtzq_f64(a.pair[1]));
  const uint64x2_t high = vandq_u64(vcgtzq_f64(a.pair[2]), vcgtzq_f64(a.pair[3]));
  return vminvq_u32(vreinterpretq_u32_u64(vandq_u64(low, high))) != 0;
}

XNNX_SIMD float64x2_t xnnx_leading_bits(float64x2_t a)
{
  return vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(a), vdupq_n_u64(XNNX_LEADING_BITS)));
}

XNNX_SIMD void xnnx_store_reciprocals(float high[8], float low[8], xnnx_f64x8 a)
{
  XNNX_UNROLL for (size_t i = 0; i < 4; i++)
  {
    const float64x2_t reciprocal = vdivq_f64(vdupq_n_f64(1.0), a.pair[i]);
    const float64x2_t leading = xnnx_leading_bits(reciprocal);
    vst1_f32(high + 2 * i, vcvt_f32_f64(leading));
    vst1_f32(low + 2 * i, vcvt_f32_f64(vsubq_f64(reciprocal, leading)));
  }
}

XNNX_SIMD xnnx_two_floats xnnx_split(double a)
{
  const float64x2_t all = vdupq_n_f64(a);
  const float64x2_t leading = xnnx_leading_bits(all);
  const float32x2_t high = vcvt_f32_f64(leading);
  const float32x2_t low = vcvt_f32_f64(vsubq_f64(all, leading));
  return (xnnx_two_floats){xnnx_broadcast(vget_lane_f32(high, 0)), xnnx_broadcast(vget_lane_f32(low, 0))};
}
