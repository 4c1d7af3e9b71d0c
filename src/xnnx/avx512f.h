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

// The lower half of the lanes plus the upper half.
static inline __m512d xnnx_avx512f_to_double(__m512 a)
{
  const __m256 high_half = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1));
  return _mm512_add_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(a)), _mm512_cvtps_pd(high_half));
}
