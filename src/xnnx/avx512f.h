// What AVX-512F has no single instruction for.

#pragma once

#include <immintrin.h>

static inline __m512 xnnx_avx512f_max_in_all_lanes(__m512 a)
{
  a = _mm512_max_ps(a, _mm512_shuffle_f32x4(a, a, 0x4E));
  a = _mm512_max_ps(a, _mm512_shuffle_f32x4(a, a, 0xB1));
  a = _mm512_max_ps(a, _mm512_permute_ps(a, 0x4E));
  return _mm512_max_ps(a, _mm512_permute_ps(a, 0xB1));
}

static inline __m512 xnnx_avx512f_sum_in_all_lanes(__m512 a)
{
  a = _mm512_add_ps(a, _mm512_shuffle_f32x4(a, a, 0x4E));
  a = _mm512_add_ps(a, _mm512_shuffle_f32x4(a, a, 0xB1));
  a = _mm512_add_ps(a, _mm512_permute_ps(a, 0x4E));
  return _mm512_add_ps(a, _mm512_permute_ps(a, 0xB1));
}

static inline __m512d xnnx_avx512f_low_half_as_double(__m512 a)
{
  return _mm512_cvtps_pd(_mm512_castps512_ps256(a));
}

static inline __m512d xnnx_avx512f_high_half_as_double(__m512 a)
{
  return _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)));
}

// The sum over all lanes of sum - correction.
static inline double xnnx_avx512f_double_sum(__m512 sum, __m512 correction)
{
  const __m512d low =
      _mm512_sub_pd(xnnx_avx512f_low_half_as_double(sum), xnnx_avx512f_low_half_as_double(correction));
  const __m512d high =
      _mm512_sub_pd(xnnx_avx512f_high_half_as_double(sum), xnnx_avx512f_high_half_as_double(correction));
  return _mm512_reduce_add_pd(_mm512_add_pd(low, high));
}
