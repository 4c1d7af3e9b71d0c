// The vocabulary of src/simd/README.md on AVX2 with fused multiply-adds: 16 floats are two registers, 16 doubles four.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <immintrin.h>

#include "src/simd/attributes.h"

typedef struct {
  __m256 low;
  __m256 high;
} xnnx_f32x16;

// Lanes 0 to 3, 4 to 7, 8 to 11, 12 to 15.
typedef struct {
  __m256d first;
  __m256d second;
  __m256d third;
  __m256d fourth;
} xnnx_f64x16;

// One double of each of 8 rows.
typedef struct {
  __m256d low;
  __m256d high;
} xnnx_f64x8;

typedef xnnx_f32x16 xnnx_mask16;

// Eight entries are looked up faster than 16: the even ones, and then 0 or the step to an odd one.
typedef struct {
  __m256 even;
  __m256 step;
} xnnx_table16;

typedef struct {
  xnnx_f32x16 even;
  xnnx_f32x16 step;
} xnnx_begun_power;

// A double is the sum of two floats: of its leading bits, and of what is left, rounded.
typedef struct {
  xnnx_f32x16 high;
  xnnx_f32x16 low;
} xnnx_two_floats;

XNNX_SIMD xnnx_f32x16 xnnx_load(const float* elements)
{
  return (xnnx_f32x16){_mm256_loadu_ps(elements), _mm256_loadu_ps(elements + 8)};
}

// Selects the first `count` of 16 lanes.
XNNX_SIMD xnnx_mask16 xnnx_first_lanes(size_t count)
{
  // Aligned to its size: a load across the end of a page takes 20 ns.
  _Alignas(128) static const int32_t lanes[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  const float* selected = (const float*) &lanes[16 - count];
  return xnnx_load(selected);
}

// Selected lanes of memory, and those of `rest` that are not selected.
XNNX_SIMD __m256 xnnx_load_some_of_eight(const float* elements, __m256 mask, __m256 rest)
{
  return _mm256_or_ps(_mm256_maskload_ps(elements, _mm256_castps_si256(mask)), _mm256_andnot_ps(mask, rest));
}

XNNX_SIMD xnnx_f32x16 xnnx_load_first(const float* elements, size_t count, xnnx_f32x16 rest)
{
  const xnnx_mask16 mask = xnnx_first_lanes(count);
  return (xnnx_f32x16){
      xnnx_load_some_of_eight(elements, mask.low, rest.low),
      xnnx_load_some_of_eight(elements + 8, mask.high, rest.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_load_halves(const float* low, const float* high, size_t count, xnnx_f32x16 rest)
{
  if (count == 8) {
    return (xnnx_f32x16){_mm256_loadu_ps(low), _mm256_loadu_ps(high)};
  }
  const __m256 mask = xnnx_first_lanes(count).low;
  return (xnnx_f32x16){
      xnnx_load_some_of_eight(low, mask, rest.low), xnnx_load_some_of_eight(high, mask, rest.high)};
}

// A register each, since a compiler would read memory again for each use.
XNNX_SIMD xnnx_f32x16 xnnx_load_once(const float* elements)
{
  xnnx_f32x16 a = xnnx_load(elements);
  __asm__("" : "+x"(a.low), "+x"(a.high));
  return a;
}

XNNX_SIMD void xnnx_store(float* elements, xnnx_f32x16 a)
{
  _mm256_storeu_ps(elements, a.low);
  _mm256_storeu_ps(elements + 8, a.high);
}

// A masked store takes longer than the several that this makes.
XNNX_SIMD void xnnx_store_first(float* elements, size_t count, xnnx_f32x16 a)
{
  if (count == 16) {
    xnnx_store(elements, a);
    return;
  }
  __m256 eight = a.low;
  if (count & 8) {
    _mm256_storeu_ps(elements, eight);
    elements += 8;
    eight = a.high;
  }
  __m128 four = _mm256_castps256_ps128(eight);
  if (count & 4) {
    _mm_storeu_ps(elements, four);
    elements += 4;
    four = _mm256_extractf128_ps(eight, 1);
  }
  if (count & 2) {
    _mm_storel_pi((__m64*) elements, four);
    elements += 2;
    four = _mm_movehl_ps(four, four);
  }
  if (count & 1) {
    _mm_store_ss(elements, four);
  }
}

// Lanes `first` to `first` + 3, or as many as there are.
XNNX_SIMD __m128 xnnx_four_lanes_from(size_t first, __m256 eight)
{
  const __m256i own_lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i from = _mm256_add_epi32(own_lanes, _mm256_set1_epi32((int32_t) first));
  return _mm256_castps256_ps128(_mm256_permutevar8x32_ps(eight, from));
}

// One to seven: the first lanes and the last ones, which may overlap.
XNNX_SIMD void xnnx_store_first_of_eight(float* elements, size_t count, __m256 eight)
{
  const __m128 four = _mm256_castps256_ps128(eight);
  if (count >= 4) {
    _mm_storeu_ps(elements, four);
    _mm_storeu_ps(elements + count - 4, xnnx_four_lanes_from(count - 4, eight));
  } else if (count >= 2) {
    _mm_storel_pi((__m64*) elements, four);
    _mm_storel_pi((__m64*) (elements + count - 2), xnnx_four_lanes_from(count - 2, eight));
  } else {
    _mm_store_ss(elements, four);
  }
}

XNNX_SIMD void xnnx_store_halves(float* low, float* high, size_t count, xnnx_f32x16 a)
{
  if (count == 8) {
    _mm256_storeu_ps(low, a.low);
    _mm256_storeu_ps(high, a.high);
    return;
  }
  xnnx_store_first_of_eight(low, count, a.low);
  xnnx_store_first_of_eight(high, count, a.high);
}

XNNX_SIMD void xnnx_stream(float* line, xnnx_f32x16 a)
{
  _mm256_stream_ps(line, a.low);
  _mm256_stream_ps(line + 8, a.high);
}

XNNX_SIMD void xnnx_end_stream(void)
{
  _mm_sfence();
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast(float a)
{
  const __m256 eight = _mm256_set1_ps(a);
  return (xnnx_f32x16){eight, eight};
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast_halves(float low, float high)
{
  return (xnnx_f32x16){_mm256_set1_ps(low), _mm256_set1_ps(high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_add(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_subtract(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  return (xnnx_f32x16){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}

XNNX_SIMD xnnx_mask16 xnnx_not_below(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_mask16){_mm256_cmp_ps(a.low, b.low, _CMP_NLT_UQ), _mm256_cmp_ps(a.high, b.high, _CMP_NLT_UQ)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add_or_zero(xnnx_mask16 mask, xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  const xnnx_f32x16 result = xnnx_multiply_add(a, b, c);
  return (xnnx_f32x16){_mm256_and_ps(mask.low, result.low), _mm256_and_ps(mask.high, result.high)};
}

XNNX_SIMD xnnx_table16 xnnx_load_table(const uint32_t entries[16], float step)
{
  const __m256 low = _mm256_loadu_ps((const float*) entries);
  const __m256 high = _mm256_loadu_ps((const float*) (entries + 8));
  const __m256d even = _mm256_castps_pd(_mm256_shuffle_ps(low, high, 0x88));
  return (xnnx_table16){
      _mm256_castpd_ps(_mm256_permute4x64_pd(even, 0xD8)), _mm256_setr_ps(0, step, 0, step, 0, step, 0, step)};
}

XNNX_SIMD xnnx_f32x16 xnnx_clear_sixteenths(xnnx_f32x16 a)
{
  const __m256 mask = _mm256_castsi256_ps(_mm256_set1_epi32(~15));
  return (xnnx_f32x16){_mm256_and_ps(a.low, mask), _mm256_and_ps(a.high, mask)};
}

XNNX_SIMD __m256 xnnx_shift_bits_of_eight(__m256 a)
{
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a), 19));
}

XNNX_SIMD xnnx_f32x16 xnnx_shift_bits(xnnx_f32x16 a)
{
  return (xnnx_f32x16){xnnx_shift_bits_of_eight(a.low), xnnx_shift_bits_of_eight(a.high)};
}

XNNX_SIMD __m256 xnnx_subtract_bits_of_eight(__m256 a, __m256 b)
{
  return _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}

XNNX_SIMD xnnx_table16 xnnx_subtract_from_entries(xnnx_table16 table, xnnx_f32x16 a)
{
  return (xnnx_table16){xnnx_subtract_bits_of_eight(table.even, a.low), table.step};
}

XNNX_SIMD __m256 xnnx_max_of_bits_of_eight(__m256 a, __m256 b)
{
  return _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){xnnx_max_of_bits_of_eight(a.low, b.low), xnnx_max_of_bits_of_eight(a.high, b.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits_in_all_lanes(xnnx_f32x16 a)
{
  __m256 max = xnnx_max_of_bits_of_eight(a.low, a.high);
  max = xnnx_max_of_bits_of_eight(max, _mm256_permute2f128_ps(max, max, 1));
  max = xnnx_max_of_bits_of_eight(max, _mm256_permute_ps(max, 0x4E));
  max = xnnx_max_of_bits_of_eight(max, _mm256_permute_ps(max, 0xB1));
  return (xnnx_f32x16){max, max};
}

XNNX_SIMD __m256 xnnx_look_up_even_of_eight(xnnx_table16 table, __m256 shifted)
{
  const __m256i half = _mm256_srli_epi32(_mm256_castps_si256(shifted), 1);
  const __m256i entry = _mm256_castps_si256(_mm256_permutevar8x32_ps(table.even, half));
  return _mm256_castsi256_ps(_mm256_add_epi32(entry, _mm256_slli_epi32(half, 20)));
}

XNNX_SIMD xnnx_begun_power xnnx_begin_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  const __m256i low = _mm256_castps_si256(shifted.low);
  const __m256i high = _mm256_castps_si256(shifted.high);
  return (xnnx_begun_power){
      {xnnx_look_up_even_of_eight(table, shifted.low), xnnx_look_up_even_of_eight(table, shifted.high)},
      {_mm256_permutevar_ps(table.step, low), _mm256_permutevar_ps(table.step, high)}};
}

XNNX_SIMD xnnx_f32x16 xnnx_take_step(xnnx_f32x16 even, xnnx_f32x16 step)
{
  return xnnx_multiply_add(even, step, even);
}

XNNX_SIMD xnnx_f32x16 xnnx_end_power(xnnx_begun_power begun, xnnx_f32x16 a)
{
  const xnnx_f32x16 even = {
      xnnx_subtract_bits_of_eight(begun.even.low, a.low), xnnx_subtract_bits_of_eight(begun.even.high, a.high)};
  return xnnx_take_step(even, begun.step);
}

XNNX_SIMD xnnx_f32x16 xnnx_look_up_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  const xnnx_begun_power begun = xnnx_begin_power(table, shifted);
  return xnnx_take_step(begun.even, begun.step);
}

XNNX_SIMD xnnx_f32x16 xnnx_max_in_all_lanes(xnnx_f32x16 a)
{
  __m256 max = _mm256_max_ps(a.low, a.high);
  max = _mm256_max_ps(max, _mm256_permute2f128_ps(max, max, 1));
  max = _mm256_max_ps(max, _mm256_permute_ps(max, 0x4E));
  max = _mm256_max_ps(max, _mm256_permute_ps(max, 0xB1));
  return (xnnx_f32x16){max, max};
}

XNNX_SIMD float xnnx_first_lane(xnnx_f32x16 a)
{
  return _mm256_cvtss_f32(a.low);
}

XNNX_SIMD bool xnnx_are_within(xnnx_f32x16 a, float largest_magnitude)
{
  const __m256 sign = _mm256_set1_ps(-0.0f);
  const __m256 largest = _mm256_set1_ps(largest_magnitude);
  const __m256 low = _mm256_cmp_ps(_mm256_andnot_ps(sign, a.low), largest, _CMP_NLE_UQ);
  const __m256 high = _mm256_cmp_ps(_mm256_andnot_ps(sign, a.high), largest, _CMP_NLE_UQ);
  return _mm256_movemask_ps(_mm256_or_ps(low, high)) == 0;
}

XNNX_SIMD xnnx_f64x16 xnnx_to_doubles(xnnx_f32x16 a)
{
  return (xnnx_f64x16){
      _mm256_cvtps_pd(_mm256_castps256_ps128(a.low)), _mm256_cvtps_pd(_mm256_extractf128_ps(a.low, 1)),
      _mm256_cvtps_pd(_mm256_castps256_ps128(a.high)), _mm256_cvtps_pd(_mm256_extractf128_ps(a.high, 1))};
}

XNNX_SIMD xnnx_f64x16 xnnx_add_doubles(xnnx_f64x16 a, xnnx_f64x16 b)
{
  return (xnnx_f64x16){
      _mm256_add_pd(a.first, b.first), _mm256_add_pd(a.second, b.second), _mm256_add_pd(a.third, b.third),
      _mm256_add_pd(a.fourth, b.fourth)};
}

// Lanes 0 to 3 of the sum of a's lanes and those 8 and then 4 above them.
XNNX_SIMD __m256d xnnx_fold(xnnx_f64x16 a)
{
  return _mm256_add_pd(_mm256_add_pd(a.first, a.third), _mm256_add_pd(a.second, a.fourth));
}

XNNX_SIMD double xnnx_sum_of_four(__m256d four)
{
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

XNNX_SIMD double xnnx_sum_of_lanes(xnnx_f64x16 a)
{
  return xnnx_sum_of_four(xnnx_fold(a));
}

XNNX_SIMD double xnnx_sum_of_one(xnnx_f32x16 a)
{
  const __m256 eight = _mm256_add_ps(a.low, a.high);
  const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(eight));
  return xnnx_sum_of_four(_mm256_add_pd(low, _mm256_cvtps_pd(_mm256_extractf128_ps(eight, 1))));
}

XNNX_SIMD xnnx_f32x16 xnnx_add_halves(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm256_add_ps(a.low, a.high), _mm256_add_ps(b.low, b.high)};
}

// Of four rows of eight lanes, in this order.
XNNX_SIMD __m128 xnnx_max_of_each_of_four(__m256 a, __m256 b, __m256 c, __m256 d)
{
  const __m256 ab = _mm256_max_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
  const __m256 cd = _mm256_max_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
  const __m256 abcd = _mm256_max_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xEE));
  return _mm_max_ps(_mm256_castps256_ps128(abcd), _mm256_extractf128_ps(abcd, 1));
}

// Of rows of which two share a vector: a's and b's, and so on.
XNNX_SIMD xnnx_f32x16 xnnx_max_of_each_half(xnnx_f32x16 ab, xnnx_f32x16 cd, xnnx_f32x16 ef, xnnx_f32x16 gh)
{
  const __m128 abcd = xnnx_max_of_each_of_four(ab.low, ab.high, cd.low, cd.high);
  const __m128 efgh = xnnx_max_of_each_of_four(ef.low, ef.high, gh.low, gh.high);
  const __m256 max = _mm256_insertf128_ps(_mm256_castps128_ps256(abcd), efgh, 1);
  return (xnnx_f32x16){max, max};
}

// Lanes 8 apart of a meet, and those of b.
XNNX_SIMD xnnx_f32x16 xnnx_max_of_halves(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm256_max_ps(a.low, a.high), _mm256_max_ps(b.low, b.high)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each(
    xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d, xnnx_f32x16 e, xnnx_f32x16 f, xnnx_f32x16 g,
    xnnx_f32x16 h)
{
  return xnnx_max_of_each_half(
      xnnx_max_of_halves(a, b), xnnx_max_of_halves(c, d), xnnx_max_of_halves(e, f), xnnx_max_of_halves(g, h));
}

// Of four rows of four lanes, in this order, in the order of addition of xnnx_sum_of_lanes.
XNNX_SIMD __m256d xnnx_sum_of_each_of_four(__m256d a, __m256d b, __m256d c, __m256d d)
{
  const __m256d ac = _mm256_add_pd(_mm256_permute2f128_pd(a, c, 0x20), _mm256_permute2f128_pd(a, c, 0x31));
  const __m256d bd = _mm256_add_pd(_mm256_permute2f128_pd(b, d, 0x20), _mm256_permute2f128_pd(b, d, 0x31));
  return _mm256_add_pd(_mm256_unpacklo_pd(ac, bd), _mm256_unpackhi_pd(ac, bd));
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each(
    xnnx_f64x16 a, xnnx_f64x16 b, xnnx_f64x16 c, xnnx_f64x16 d, xnnx_f64x16 e, xnnx_f64x16 f, xnnx_f64x16 g,
    xnnx_f64x16 h)
{
  return (xnnx_f64x8){
      xnnx_sum_of_each_of_four(xnnx_fold(a), xnnx_fold(b), xnnx_fold(c), xnnx_fold(d)),
      xnnx_sum_of_each_of_four(xnnx_fold(e), xnnx_fold(f), xnnx_fold(g), xnnx_fold(h))};
}

// Of the rows of two vectors, each of which has two.
XNNX_SIMD __m256d xnnx_sum_of_each_half_of_two(xnnx_f64x16 ab, xnnx_f64x16 cd)
{
  return xnnx_sum_of_each_of_four(
      _mm256_add_pd(ab.first, ab.second), _mm256_add_pd(ab.third, ab.fourth), _mm256_add_pd(cd.first, cd.second),
      _mm256_add_pd(cd.third, cd.fourth));
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each_half(xnnx_f64x16 ab, xnnx_f64x16 cd, xnnx_f64x16 ef, xnnx_f64x16 gh)
{
  return (xnnx_f64x8){xnnx_sum_of_each_half_of_two(ab, cd), xnnx_sum_of_each_half_of_two(ef, gh)};
}

XNNX_SIMD bool xnnx_are_positive(xnnx_f64x8 a)
{
  const __m256d low = _mm256_cmp_pd(a.low, _mm256_setzero_pd(), _CMP_GT_OQ);
  const __m256d high = _mm256_cmp_pd(a.high, _mm256_setzero_pd(), _CMP_GT_OQ);
  return _mm256_movemask_pd(_mm256_and_pd(low, high)) == 0xF;
}

XNNX_SIMD void xnnx_store_reciprocals_of_four(float* high, float* low, __m256d a)
{
  const __m256d reciprocal = _mm256_div_pd(_mm256_set1_pd(1.0), a);
  const __m256d leading =
      _mm256_and_pd(reciprocal, _mm256_castsi256_pd(_mm256_set1_epi64x((int64_t) XNNX_LEADING_BITS)));
  _mm_storeu_ps(high, _mm256_cvtpd_ps(leading));
  _mm_storeu_ps(low, _mm256_cvtpd_ps(_mm256_sub_pd(reciprocal, leading)));
}

XNNX_SIMD void xnnx_store_reciprocals(float high[8], float low[8], xnnx_f64x8 a)
{
  xnnx_store_reciprocals_of_four(high, low, a.low);
  xnnx_store_reciprocals_of_four(high + 4, low + 4, a.high);
}

XNNX_SIMD xnnx_two_floats xnnx_split(double a)
{
  const __m128d all = _mm_set_sd(a);
  const __m128d leading = _mm_and_pd(all, _mm_castsi128_pd(_mm_set_epi64x(0, (int64_t) XNNX_LEADING_BITS)));
  const __m256 high = _mm256_broadcastss_ps(_mm_cvtpd_ps(leading));
  const __m256 low = _mm256_broadcastss_ps(_mm_cvtpd_ps(_mm_sub_sd(all, leading)));
  return (xnnx_two_floats){{high, high}, {low, low}};
}
