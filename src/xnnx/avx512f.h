// What AVX-512F has no single instruction for.

#pragma once

#include <immintrin.h>

#include "src/xnnx/exp.h"

static inline __m512 xnnx_avx512f_max_in_all_lanes(__m512 a)
{
  a = _mm512_max_ps(a, _mm512_shuffle_f32x4(a, a, 0x4E));
  a = _mm512_max_ps(a, _mm512_shuffle_f32x4(a, a, 0xB1));
  a = _mm512_max_ps(a, _mm512_permute_ps(a, 0x4E));
  return _mm512_max_ps(a, _mm512_permute_ps(a, 0xB1));
}

// Pairs of lanes, from the lower and from the upper half of each 128 bits, of a and b in turn.
static inline __m512 xnnx_avx512f_unpacklo_pairs(__m512 a, __m512 b)
{
  return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

static inline __m512 xnnx_avx512f_unpackhi_pairs(__m512 a, __m512 b)
{
  return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

// The lower half of the lanes plus the upper half.
static inline __m512d xnnx_avx512f_to_double(__m512 a)
{
  const __m256 high_half = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1));
  return _mm512_add_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(a)), _mm512_cvtps_pd(high_half));
}

// In the order in which meeting_low_doubles and meeting_high_doubles bring lanes together: a row has the same bits alone
// and in a group.
static inline double xnnx_avx512f_sum_of_doubles(__m512d a)
{
  const __m256d half = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
  const __m128d quarter = _mm_add_pd(_mm256_castpd256_pd128(half), _mm256_extractf128_pd(half, 1));
  return _mm_cvtsd_f64(_mm_add_sd(quarter, _mm_unpackhi_pd(quarter, quarter)));
}

// 1 / a, or `of_zero` where a is 0, as the sum of two floats.
static inline void xnnx_avx512f_store_reciprocals(float* high, float* low, __m512d a, __m512d of_zero)
{
  const __mmask8 is_zero = _mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_EQ_OQ);
  const __m512d reciprocal = _mm512_mask_mov_pd(_mm512_div_pd(_mm512_set1_pd(1.0), a), is_zero, of_zero);
  const __m256 rounded = _mm512_cvtpd_ps(reciprocal);
  _mm256_storeu_ps(high, rounded);
  _mm256_storeu_ps(low, _mm512_cvtpd_ps(_mm512_sub_pd(reciprocal, _mm512_cvtps_pd(rounded))));
}

// The table of powers of two as xnnx_avx512f_exp_table_power takes it: without the bits that this adds to entry k % 16.
static inline __m512 xnnx_avx512f_exp_table(void)
{
  const __m512i k = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i added_bits = _mm512_add_epi32(_mm512_slli_epi32(k, 19), _mm512_set1_epi32(127 << 23));
  const __m512i values = _mm512_castps_si512(_mm512_loadu_ps(xnnx_exp_lut16_values));
  return _mm512_castsi512_ps(_mm512_sub_epi32(values, added_bits));
}

// 2^(k / 16 - 127) for the integer k in the low bits of `shifted`; normal where k is at least 16.
static inline __m512 xnnx_avx512f_exp_table_power(__m512 table, __m512 shifted)
{
  const __m512i k = _mm512_castps_si512(shifted);
  const __m512i entry = _mm512_permutexvar_epi32(k, _mm512_castps_si512(table));
  return _mm512_castsi512_ps(_mm512_add_epi32(entry, _mm512_slli_epi32(k, 19)));
}

// 8 entries of the table times `scale`, and the c0 with which each is right.
static inline __m256 xnnx_avx512f_scaled_exp_table_half(int first, double scale, __m256* c0)
{
  const __m512d powers = _mm512_mul_pd(_mm512_loadu_pd(xnnx_exp_powers_of_sixteenth + first), _mm512_set1_pd(scale));
  const __m256 entries = _mm512_cvtpd_ps(_mm512_mul_pd(powers, _mm512_set1_pd(1.0 / (1.0 + (double) XNNX_EXP_LUT16_C0))));
  const __m512d entries_exactly = _mm512_cvtps_pd(entries);
  *c0 = _mm512_cvtpd_ps(_mm512_div_pd(_mm512_sub_pd(powers, entries_exactly), entries_exactly));
  return entries;
}

static inline __m512 xnnx_avx512f_join(__m256 low, __m256 high)
{
  return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(low)), _mm256_castps_pd(high), 1));
}

// The table's 2^(k / 16) times `scale`, in [1, 2), and the c0 with which each is right.
static inline __m512 xnnx_avx512f_scaled_exp_table(double scale, __m512* c0)
{
  __m256 low_c0;
  __m256 high_c0;
  const __m256 low = xnnx_avx512f_scaled_exp_table_half(0, scale, &low_c0);
  const __m256 high = xnnx_avx512f_scaled_exp_table_half(8, scale, &high_c0);
  *c0 = xnnx_avx512f_join(low_c0, high_c0);
  return xnnx_avx512f_join(low, high);
}
