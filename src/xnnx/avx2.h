// What AVX2 has no single instruction for.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <immintrin.h>

#include "src/xnnx/exp-constants.h"

// Selects the first `count` of 8 lanes, for a count from 0 to 8.
static inline __m256i xnnx_avx2_tail_mask(size_t count)
{
  static const int32_t mask_table[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256((const __m256i*) &mask_table[8 - count]);
}

// Selects `count` of 8 lanes from the lane `first` on.
static inline __m256i xnnx_avx2_lanes_mask(size_t first, size_t count)
{
  return _mm256_andnot_si256(xnnx_avx2_tail_mask(first), xnnx_avx2_tail_mask(first + count));
}

// The first `count` lanes, of which there are 1 to 8. A masked store takes longer than the several that this makes.
static inline void xnnx_avx2_store_first(float* output, size_t count, __m256 a)
{
  if (count == 8) {
    _mm256_storeu_ps(output, a);
    return;
  }
  __m128 rest = _mm256_castps256_ps128(a);
  if (count & 4) {
    _mm_storeu_ps(output, rest);
    output += 4;
    rest = _mm256_extractf128_ps(a, 1);
  }
  if (count & 2) {
    _mm_storel_pi((__m64*) output, rest);
    output += 2;
    rest = _mm_movehl_ps(rest, rest);
  }
  if (count & 1) {
    _mm_store_ss(output, rest);
  }
}

static inline __m256 xnnx_avx2_max_in_all_lanes(__m256 a)
{
  a = _mm256_max_ps(a, _mm256_permute2f128_ps(a, a, 1));
  a = _mm256_max_ps(a, _mm256_permute_ps(a, 0x4E));
  return _mm256_max_ps(a, _mm256_permute_ps(a, 0xB1));
}

// Pairs of lanes, from the lower and from the upper half of each 128 bits, of a and b in turn.
static inline __m256 xnnx_avx2_unpacklo_pairs(__m256 a, __m256 b)
{
  return _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}

static inline __m256 xnnx_avx2_unpackhi_pairs(__m256 a, __m256 b)
{
  return _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}

// The lower half of the lanes plus the upper half.
static inline __m256d xnnx_avx2_to_double(__m256 a)
{
  return _mm256_add_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)));
}

// In the order in which meeting_low_doubles and meeting_high_doubles bring lanes together: a row has the same bits alone
// and in a group.
static inline double xnnx_avx2_sum_of_doubles(__m256d a)
{
  const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
  return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

// 1 / a, or `of_zero` where a is 0, as the sum of two floats.
static inline void xnnx_avx2_store_reciprocals(float* high, float* low, __m256d a, __m256d of_zero)
{
  const __m256d is_zero = _mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_EQ_OQ);
  const __m256d reciprocal = _mm256_blendv_pd(_mm256_div_pd(_mm256_set1_pd(1.0), a), of_zero, is_zero);
  const __m128 rounded = _mm256_cvtpd_ps(reciprocal);
  _mm_storeu_ps(high, rounded);
  _mm_storeu_ps(low, _mm256_cvtpd_ps(_mm256_sub_pd(reciprocal, _mm256_cvtps_pd(rounded))));
}

// Integers as floats have them in their exponent field.
static inline __m256 xnnx_avx2_exponent_bits(__m256 exponent)
{
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtps_epi32(exponent), 23));
}

// The table, divided by 2^exponent, as xnnx_avx2_exp_table_power takes it. Lane i has the entry of k = -i modulo 8, without
// the bits that are put back there: k and those of R, from which k is subtracted.
static inline __m256 xnnx_avx2_exp_table(__m256 exponent_bits)
{
  const __m256i k = _mm256_set_epi32(1, 2, 3, 4, 5, 6, 7, 0);
  const __m256i round_to_eighth = _mm256_castps_si256(_mm256_set1_ps(XNNX_EXP_LUT8_ROUND_TO_EIGHTH));
  const __m256i put_back = _mm256_slli_epi32(_mm256_sub_epi32(k, round_to_eighth), 20);
  const __m256i values = _mm256_permutevar8x32_epi32(_mm256_castps_si256(_mm256_loadu_ps(xnnx_exp_lut8_values)), k);
  const __m256i table = _mm256_sub_epi32(_mm256_sub_epi32(values, put_back), _mm256_castps_si256(exponent_bits));
  return _mm256_castsi256_ps(table);
}

// The entry of k times 2^((k - k % 8) / 8 - exponent), for R - k in the low bits of `shifted`; 0 where its exponent field
// would be negative.
static inline __m256 xnnx_avx2_exp_table_power(__m256 table, __m256 shifted)
{
  const __m256i bits = _mm256_castps_si256(shifted);
  const __m256i entry = _mm256_permutevar8x32_epi32(_mm256_castps_si256(table), bits);
  const __m256i power = _mm256_sub_epi32(entry, _mm256_slli_epi32(bits, 20));
  return _mm256_castsi256_ps(_mm256_max_epi32(power, _mm256_setzero_si256()));
}
