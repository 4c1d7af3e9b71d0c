// The vocabulary of src/simd/README.md on AVX-512F: 16 floats are one register, 16 doubles two.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <immintrin.h>

#include "src/simd/attributes.h"

typedef struct {
  __m512 all;
} xnnx_f32x16;

typedef struct {
  __m512d low;
  __m512d high;
} xnnx_f64x16;

// One double of each of 8 rows.
typedef struct {
  __m512d all;
} xnnx_f64x8;

typedef struct {
  __mmask16 all;
} xnnx_mask16;

typedef struct {
  __m512i all;
} xnnx_table16;

typedef xnnx_f32x16 xnnx_begun_power;

// A double is the sum of two floats: of its leading bits, and of what is left, rounded.
typedef struct {
  xnnx_f32x16 high;
  xnnx_f32x16 low;
} xnnx_two_floats;

XNNX_SIMD xnnx_f32x16 xnnx_load(const float* elements)
{
  return (xnnx_f32x16){_mm512_loadu_ps(elements)};
}

XNNX_SIMD xnnx_f32x16 xnnx_load_first(const float* elements, size_t count, xnnx_f32x16 rest)
{
  return (xnnx_f32x16){_mm512_mask_loadu_ps(rest.all, (__mmask16) (0xFFFFu >> (16 - count)), elements)};
}

// A register each, since a compiler would read memory again for each use.
XNNX_SIMD xnnx_f32x16 xnnx_load_once(const float* elements)
{
  xnnx_f32x16 a = xnnx_load(elements);
  __asm__("" : "+v"(a.all));
  return a;
}

XNNX_SIMD void xnnx_store(float* elements, xnnx_f32x16 a)
{
  _mm512_storeu_ps(elements, a.all);
}

XNNX_SIMD void xnnx_store_first(float* elements, size_t count, xnnx_f32x16 a)
{
  _mm512_mask_storeu_ps(elements, (__mmask16) (0xFFFFu >> (16 - count)), a.all);
}

// The high half is loaded as lanes 8 to 15 of what begins 8 floats before it: no lane moves, and nothing else is read. An
// integer, since a pointer may not lead there.
XNNX_SIMD uintptr_t xnnx_eight_floats_before(const float* elements)
{
  return (uintptr_t) elements - 8 * sizeof(float);
}

XNNX_SIMD xnnx_f32x16 xnnx_load_halves(const float* low, const float* high, size_t count, xnnx_f32x16 rest)
{
  const uint32_t first = 0xFFu >> (8 - count);
  const __m512 with_low = _mm512_mask_loadu_ps(rest.all, (__mmask16) first, low);
  const float* before_high = (const float*) xnnx_eight_floats_before(high);
  return (xnnx_f32x16){_mm512_mask_loadu_ps(with_low, (__mmask16) (first << 8), before_high)};
}

XNNX_SIMD void xnnx_store_halves(float* low, float* high, size_t count, xnnx_f32x16 a)
{
  const uint32_t first = 0xFFu >> (8 - count);
  _mm512_mask_storeu_ps(low, (__mmask16) first, a.all);
  _mm512_mask_storeu_ps((float*) xnnx_eight_floats_before(high), (__mmask16) (first << 8), a.all);
}

XNNX_SIMD void xnnx_stream(float* line, xnnx_f32x16 a)
{
  _mm512_stream_ps(line, a.all);
}

XNNX_SIMD void xnnx_end_stream(void)
{
  _mm_sfence();
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast(float a)
{
  return (xnnx_f32x16){_mm512_set1_ps(a)};
}

XNNX_SIMD xnnx_f32x16 xnnx_broadcast_halves(float low, float high)
{
  const __m512 low_everywhere = _mm512_set1_ps(low);
  return (xnnx_f32x16){_mm512_mask_broadcastss_ps(low_everywhere, 0xFF00, _mm_set_ss(high))};
}

XNNX_SIMD xnnx_f32x16 xnnx_add(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm512_add_ps(a.all, b.all)};
}

XNNX_SIMD xnnx_f32x16 xnnx_subtract(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm512_sub_ps(a.all, b.all)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm512_mul_ps(a.all, b.all)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add(xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  return (xnnx_f32x16){_mm512_fmadd_ps(a.all, b.all, c.all)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){_mm512_max_ps(a.all, b.all)};
}

XNNX_SIMD xnnx_mask16 xnnx_not_below(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_mask16){_mm512_cmp_ps_mask(a.all, b.all, _CMP_NLT_UQ)};
}

XNNX_SIMD xnnx_f32x16 xnnx_multiply_add_or_zero(xnnx_mask16 mask, xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c)
{
  return (xnnx_f32x16){_mm512_maskz_fmadd_ps(mask.all, a.all, b.all, c.all)};
}

XNNX_SIMD xnnx_table16 xnnx_load_table(const uint32_t entries[16], float step)
{
  (void) step;
  return (xnnx_table16){_mm512_loadu_si512(entries)};
}

XNNX_SIMD xnnx_f32x16 xnnx_clear_sixteenths(xnnx_f32x16 a)
{
  return (xnnx_f32x16){
      _mm512_castsi512_ps(_mm512_and_epi32(_mm512_castps_si512(a.all), _mm512_set1_epi32(~15)))};
}

XNNX_SIMD xnnx_f32x16 xnnx_shift_bits(xnnx_f32x16 a)
{
  return (xnnx_f32x16){_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(a.all), 19))};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits(xnnx_f32x16 a, xnnx_f32x16 b)
{
  return (xnnx_f32x16){
      _mm512_castsi512_ps(_mm512_max_epi32(_mm512_castps_si512(a.all), _mm512_castps_si512(b.all)))};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_bits_in_all_lanes(xnnx_f32x16 a)
{
  const __m512i bits = _mm512_castps_si512(a.all);
  __m512i max = _mm512_max_epi32(bits, _mm512_shuffle_i32x4(bits, bits, 0x4E));
  max = _mm512_max_epi32(max, _mm512_shuffle_i32x4(max, max, 0xB1));
  max = _mm512_max_epi32(max, _mm512_shuffle_epi32(max, _MM_PERM_BADC));
  max = _mm512_max_epi32(max, _mm512_shuffle_epi32(max, _MM_PERM_CDAB));
  return (xnnx_f32x16){_mm512_castsi512_ps(max)};
}

XNNX_SIMD xnnx_table16 xnnx_subtract_from_entries(xnnx_table16 table, xnnx_f32x16 a)
{
  return (xnnx_table16){_mm512_sub_epi32(table.all, _mm512_castps_si512(a.all))};
}

XNNX_SIMD xnnx_f32x16 xnnx_look_up_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  const __m512i bits = _mm512_castps_si512(shifted.all);
  const __m512i entry = _mm512_permutexvar_epi32(bits, table.all);
  return (xnnx_f32x16){_mm512_castsi512_ps(_mm512_add_epi32(entry, _mm512_slli_epi32(bits, 19)))};
}

XNNX_SIMD xnnx_begun_power xnnx_begin_power(xnnx_table16 table, xnnx_f32x16 shifted)
{
  return xnnx_look_up_power(table, shifted);
}

XNNX_SIMD xnnx_f32x16 xnnx_end_power(xnnx_begun_power begun, xnnx_f32x16 a)
{
  return (xnnx_f32x16){
      _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_castps_si512(begun.all), _mm512_castps_si512(a.all)))};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_in_all_lanes(xnnx_f32x16 a)
{
  __m512 max = _mm512_max_ps(a.all, _mm512_shuffle_f32x4(a.all, a.all, 0x4E));
  max = _mm512_max_ps(max, _mm512_shuffle_f32x4(max, max, 0xB1));
  max = _mm512_max_ps(max, _mm512_permute_ps(max, 0x4E));
  return (xnnx_f32x16){_mm512_max_ps(max, _mm512_permute_ps(max, 0xB1))};
}

XNNX_SIMD float xnnx_first_lane(xnnx_f32x16 a)
{
  return _mm512_cvtss_f32(a.all);
}

XNNX_SIMD bool xnnx_are_within(xnnx_f32x16 a, float largest_magnitude)
{
  return _mm512_cmp_ps_mask(_mm512_abs_ps(a.all), _mm512_set1_ps(largest_magnitude), _CMP_NLE_UQ) == 0;
}

XNNX_SIMD xnnx_f64x16 xnnx_to_doubles(xnnx_f32x16 a)
{
  const __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a.all), 1));
  return (xnnx_f64x16){_mm512_cvtps_pd(_mm512_castps512_ps256(a.all)), _mm512_cvtps_pd(high)};
}

XNNX_SIMD xnnx_f64x16 xnnx_add_doubles(xnnx_f64x16 a, xnnx_f64x16 b)
{
  return (xnnx_f64x16){_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
}

XNNX_SIMD double xnnx_sum_of_eight(__m512d eight)
{
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

XNNX_SIMD double xnnx_sum_of_lanes(xnnx_f64x16 a)
{
  return xnnx_sum_of_eight(_mm512_add_pd(a.low, a.high));
}

XNNX_SIMD double xnnx_sum_of_one(xnnx_f32x16 a)
{
  const __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a.all), 1));
  const __m512d eight = _mm512_cvtps_pd(_mm256_add_ps(_mm512_castps512_ps256(a.all), high));
  return xnnx_sum_of_eight(eight);
}

XNNX_SIMD xnnx_f32x16 xnnx_add_halves(xnnx_f32x16 a, xnnx_f32x16 b)
{
  const __m512 low = _mm512_shuffle_f32x4(a.all, b.all, 0x44);
  return (xnnx_f32x16){_mm512_add_ps(low, _mm512_shuffle_f32x4(a.all, b.all, 0xEE))};
}

// Two rows' lanes, of a and of b, halved: lane k and the one half a row above it meet.
XNNX_SIMD __m512 xnnx_max_of_halves(__m512 a, __m512 b)
{
  return _mm512_max_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
}

XNNX_SIMD __m512 xnnx_max_of_quarters(__m512 a, __m512 b)
{
  return _mm512_max_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xDD));
}

// Of rows of which two share a vector: a's and b's, and so on.
XNNX_SIMD xnnx_f32x16 xnnx_max_of_each_half(xnnx_f32x16 ab, xnnx_f32x16 cd, xnnx_f32x16 ef, xnnx_f32x16 gh)
{
  const __m512d abcd = _mm512_castps_pd(xnnx_max_of_quarters(ab.all, cd.all));
  const __m512d efgh = _mm512_castps_pd(xnnx_max_of_quarters(ef.all, gh.all));
  const __m512 pairs = _mm512_max_ps(
      _mm512_castpd_ps(_mm512_unpacklo_pd(abcd, efgh)), _mm512_castpd_ps(_mm512_unpackhi_pd(abcd, efgh)));
  const __m512 max = _mm512_max_ps(pairs, _mm512_permute_ps(pairs, 0xB1));
  // a and e stand in the first four lanes, b and f in the next.
  const __m512i lanes = _mm512_set_epi32(14, 10, 6, 2, 12, 8, 4, 0, 14, 10, 6, 2, 12, 8, 4, 0);
  return (xnnx_f32x16){_mm512_permutexvar_ps(lanes, max)};
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_each(
    xnnx_f32x16 a, xnnx_f32x16 b, xnnx_f32x16 c, xnnx_f32x16 d, xnnx_f32x16 e, xnnx_f32x16 f, xnnx_f32x16 g,
    xnnx_f32x16 h)
{
  return xnnx_max_of_each_half(
      (xnnx_f32x16){xnnx_max_of_halves(a.all, b.all)}, (xnnx_f32x16){xnnx_max_of_halves(c.all, d.all)},
      (xnnx_f32x16){xnnx_max_of_halves(e.all, f.all)}, (xnnx_f32x16){xnnx_max_of_halves(g.all, h.all)});
}

XNNX_SIMD __m512d xnnx_sum_of_halves(__m512d a, __m512d b)
{
  return _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x44), _mm512_shuffle_f64x2(a, b, 0xEE));
}

XNNX_SIMD __m512d xnnx_sum_of_quarters(__m512d a, __m512d b)
{
  return _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_shuffle_f64x2(a, b, 0xDD));
}

XNNX_SIMD __m512d xnnx_fold(xnnx_f64x16 a)
{
  return _mm512_add_pd(a.low, a.high);
}

// Of rows of which two share a vector: a's and b's, and so on.
XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each_half(xnnx_f64x16 ab, xnnx_f64x16 cd, xnnx_f64x16 ef, xnnx_f64x16 gh)
{
  const __m512d abcd =
      xnnx_sum_of_quarters(xnnx_sum_of_halves(ab.low, ab.high), xnnx_sum_of_halves(cd.low, cd.high));
  const __m512d efgh =
      xnnx_sum_of_quarters(xnnx_sum_of_halves(ef.low, ef.high), xnnx_sum_of_halves(gh.low, gh.high));
  const __m512d sum = _mm512_add_pd(_mm512_unpacklo_pd(abcd, efgh), _mm512_unpackhi_pd(abcd, efgh));
  const __m512i lanes = _mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0);
  return (xnnx_f64x8){_mm512_permutexvar_pd(lanes, sum)};
}

XNNX_SIMD xnnx_f64x8 xnnx_sum_of_each(
    xnnx_f64x16 a, xnnx_f64x16 b, xnnx_f64x16 c, xnnx_f64x16 d, xnnx_f64x16 e, xnnx_f64x16 f, xnnx_f64x16 g,
    xnnx_f64x16 h)
{
  return xnnx_sum_of_each_half(
      (xnnx_f64x16){xnnx_fold(a), xnnx_fold(b)}, (xnnx_f64x16){xnnx_fold(c), xnnx_fold(d)},
      (xnnx_f64x16){xnnx_fold(e), xnnx_fold(f)}, (xnnx_f64x16){xnnx_fold(g), xnnx_fold(h)});
}

XNNX_SIMD bool xnnx_are_positive(xnnx_f64x8 a)
{
  return _mm512_cmp_pd_mask(a.all, _mm512_setzero_pd(), _CMP_GT_OQ) == 0xFF;
}

XNNX_SIMD void xnnx_store_reciprocals(float high[8], float low[8], xnnx_f64x8 a)
{
  const __m512d reciprocal = _mm512_div_pd(_mm512_set1_pd(1.0), a.all);
  const __m512d leading = _mm512_castsi512_pd(_mm512_and_epi64(
      _mm512_castpd_si512(reciprocal), _mm512_set1_epi64((int64_t) XNNX_LEADING_BITS)));
  _mm256_storeu_ps(high, _mm512_cvtpd_ps(leading));
  _mm256_storeu_ps(low, _mm512_cvtpd_ps(_mm512_sub_pd(reciprocal, leading)));
}

XNNX_SIMD xnnx_two_floats xnnx_split(double a)
{
  const __m128d all = _mm_set_sd(a);
  const __m128d leading = _mm_and_pd(all, _mm_castsi128_pd(_mm_set_epi64x(0, (int64_t) XNNX_LEADING_BITS)));
  return (xnnx_two_floats){
      {_mm512_broadcastss_ps(_mm_cvtpd_ps(leading))}, {_mm512_broadcastss_ps(_mm_cvtpd_ps(_mm_sub_sd(all, leading)))}};
}
