#include "bench/memory-movers.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstring>

namespace xnnx_bench {
namespace {

// 1, but the compiler must not know.
volatile float multiplier = 1.0f;

// Makes the compiler compute `value` although nobody reads it.
template <typename Value>
inline void keep(const Value& value)
{
  asm volatile("" : : "m"(value) : "memory");
}

void read_plainly(const float* input, size_t count)
{
  float sum[8] = {};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (size_t k = 0; k < 8; k++) {
      sum[k] += input[i + k];
    }
  }
  for (; i < count; i++) {
    sum[0] += input[i];
  }
  keep(sum);
}

void copy_plainly(const float* input, float* output, size_t count)
{
  std::memcpy(output, input, count * sizeof(float));
}

void scale_plainly(float* data, size_t count)
{
  const float scale = multiplier;
  for (size_t i = 0; i < count; i++) {
    data[i] *= scale;
  }
}

#if defined(__x86_64__)

// Prefetching this far ahead carries the processor's own prefetchers over the ends of pages.
constexpr size_t kPrefetchElements = 1024;

__attribute__((target("avx512f"))) void read_avx512f(const float* input, size_t count)
{
  __m512 sum0 = _mm512_setzero_ps();
  __m512 sum1 = _mm512_setzero_ps();
  __m512 sum2 = _mm512_setzero_ps();
  __m512 sum3 = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    sum0 = _mm512_add_ps(sum0, _mm512_loadu_ps(input + i));
    sum1 = _mm512_add_ps(sum1, _mm512_loadu_ps(input + i + 16));
    sum2 = _mm512_add_ps(sum2, _mm512_loadu_ps(input + i + 32));
    sum3 = _mm512_add_ps(sum3, _mm512_loadu_ps(input + i + 48));
  }
  keep(_mm512_add_ps(_mm512_add_ps(sum0, sum1), _mm512_add_ps(sum2, sum3)));
  read_plainly(input + i, count - i);
}

__attribute__((target("avx512f"))) void copy_avx512f(const float* input, float* output, size_t count)
{
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    for (size_t k = 0; k < 64; k += 16) {
      _mm512_storeu_ps(output + i + k, _mm512_loadu_ps(input + i + k));
    }
  }
  copy_plainly(input + i, output + i, count - i);
}

__attribute__((target("avx512f"))) void copy_around_caches_avx512f(const float* input, float* output, size_t count)
{
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    for (size_t k = 0; k < 64; k += 16) {
      _mm_prefetch(input + i + k + kPrefetchElements, _MM_HINT_T0);
      _mm512_stream_ps(output + i + k, _mm512_loadu_ps(input + i + k));
    }
  }
  _mm_sfence();
  copy_plainly(input + i, output + i, count - i);
}

__attribute__((target("avx512f"))) void scale_avx512f(float* data, size_t count)
{
  const __m512 scale = _mm512_set1_ps(multiplier);
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    for (size_t k = 0; k < 64; k += 16) {
      _mm512_storeu_ps(data + i + k, _mm512_mul_ps(scale, _mm512_loadu_ps(data + i + k)));
    }
  }
  scale_plainly(data + i, count - i);
}

__attribute__((target("avx2"))) void read_avx2(const float* input, size_t count)
{
  __m256 sum0 = _mm256_setzero_ps();
  __m256 sum1 = _mm256_setzero_ps();
  __m256 sum2 = _mm256_setzero_ps();
  __m256 sum3 = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    sum0 = _mm256_add_ps(sum0, _mm256_loadu_ps(input + i));
    sum1 = _mm256_add_ps(sum1, _mm256_loadu_ps(input + i + 8));
    sum2 = _mm256_add_ps(sum2, _mm256_loadu_ps(input + i + 16));
    sum3 = _mm256_add_ps(sum3, _mm256_loadu_ps(input + i + 24));
  }
  keep(_mm256_add_ps(_mm256_add_ps(sum0, sum1), _mm256_add_ps(sum2, sum3)));
  read_plainly(input + i, count - i);
}

__attribute__((target("avx2"))) void copy_avx2(const float* input, float* output, size_t count)
{
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (size_t k = 0; k < 32; k += 8) {
      _mm256_storeu_ps(output + i + k, _mm256_loadu_ps(input + i + k));
    }
  }
  copy_plainly(input + i, output + i, count - i);
}

__attribute__((target("avx2"))) void copy_around_caches_avx2(const float* input, float* output, size_t count)
{
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (size_t k = 0; k < 32; k += 8) {
      _mm_prefetch(input + i + k + kPrefetchElements, _MM_HINT_T0);
      _mm256_stream_ps(output + i + k, _mm256_loadu_ps(input + i + k));
    }
  }
  _mm_sfence();
  copy_plainly(input + i, output + i, count - i);
}

__attribute__((target("avx2"))) void scale_avx2(float* data, size_t count)
{
  const __m256 scale = _mm256_set1_ps(multiplier);
  size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (size_t k = 0; k < 32; k += 8) {
      _mm256_storeu_ps(data + i + k, _mm256_mul_ps(scale, _mm256_loadu_ps(data + i + k)));
    }
  }
  scale_plainly(data + i, count - i);
}

#endif  // defined(__x86_64__)

}  // namespace

MemoryMovers find_memory_movers()
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return {read_avx512f, copy_avx512f, copy_around_caches_avx512f, scale_avx512f};
  }
  if (__builtin_cpu_supports("avx2")) {
    return {read_avx2, copy_avx2, copy_around_caches_avx2, scale_avx2};
  }
#endif
  return {read_plainly, copy_plainly, copy_plainly, scale_plainly};
}

}  // namespace xnnx_bench
