// What AVX2 has no single instruction for.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <immintrin.h>

// Selects the first batch_bytes / 4 of 8 lanes, for batch_bytes from 4 to 28.
static inline __m256i xnnx_avx2_tail_mask(size_t batch_bytes)
{
  static const int32_t mask_table[14] = {-1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256((const __m256i*) ((const char*) &mask_table[7] - batch_bytes));
}

static inline float xnnx_avx2_reduce_max(__m256 a)
{
  __m128 max = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  max = _mm_max_ps(max, _mm_movehl_ps(max, max));
  return _mm_cvtss_f32(_mm_max_ss(max, _mm_movehdup_ps(max)));
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
