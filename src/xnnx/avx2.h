// What AVX2 has no single instruction for.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <immintrin.h>

// Selects the first `count` of 8 lanes, for a count from 1 to 8.
static inline __m256i xnnx_avx2_tail_mask(size_t count)
{
  static const int32_t mask_table[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256((const __m256i*) &mask_table[8 - count]);
}

static inline __m256 xnnx_avx2_max_in_all_lanes(__m256 a)
{
  a = _mm256_max_ps(a, _mm256_permute2f128_ps(a, a, 1));
  a = _mm256_max_ps(a, _mm256_permute_ps(a, 0x4E));
  return _mm256_max_ps(a, _mm256_permute_ps(a, 0xB1));
}

static inline __m256 xnnx_avx2_sum_in_all_lanes(__m256 a)
{
  a = _mm256_add_ps(a, _mm256_permute2f128_ps(a, a, 1));
  a = _mm256_add_ps(a, _mm256_permute_ps(a, 0x4E));
  return _mm256_add_ps(a, _mm256_permute_ps(a, 0xB1));
}

// The sum over all lanes of sum - correction.
static inline double xnnx_avx2_double_sum(__m256 sum, __m256 correction)
{
  const __m256d low = _mm256_sub_pd(
      _mm256_cvtps_pd(_mm256_castps256_ps128(sum)), _mm256_cvtps_pd(_mm256_castps256_ps128(correction)));
  const __m256d high = _mm256_sub_pd(
      _mm256_cvtps_pd(_mm256_extractf128_ps(sum, 1)), _mm256_cvtps_pd(_mm256_extractf128_ps(correction, 1)));
  const __m256d both = _mm256_add_pd(low, high);
  const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(both), _mm256_extractf128_pd(both, 1));
  return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}
