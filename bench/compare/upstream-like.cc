// A stand-in, not a peer: three passes built like those of the newest XNNPACK, which no package has yet. Its own words,
// the same structure: a separate maximum with four accumulators; exp(x - max) by shifting a biased integer into the
// exponent field, multiplying, and blending out what would underflow, 64 elements at a time with two accumulators; one
// pass of multiplications; one row a task, plain sums. AVX-512 only.

#include <cmath>

#include "bench/compare/implementation.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics in C++ (PR 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace xnnx_bench {
namespace {

#if defined(__x86_64__)

#define TARGET_AVX512F __attribute__((target("avx512f")))

TARGET_AVX512F inline __mmask16 tail_mask(size_t count)
{
  return static_cast<__mmask16>((1u << count) - 1u);
}

TARGET_AVX512F float find_max(const float* input, size_t count)
{
  const __m512 lowest = _mm512_set1_ps(-INFINITY);
  __m512 max0 = lowest;
  __m512 max1 = lowest;
  __m512 max2 = lowest;
  __m512 max3 = lowest;
  for (; count >= 64; count -= 64, input += 64) {
    max0 = _mm512_max_ps(max0, _mm512_loadu_ps(input));
    max1 = _mm512_max_ps(max1, _mm512_loadu_ps(input + 16));
    max2 = _mm512_max_ps(max2, _mm512_loadu_ps(input + 32));
    max3 = _mm512_max_ps(max3, _mm512_loadu_ps(input + 48));
  }
  for (; count >= 16; count -= 16, input += 16) {
    max0 = _mm512_max_ps(max0, _mm512_loadu_ps(input));
  }
  if (count != 0) {
    max1 = _mm512_max_ps(max1, _mm512_mask_loadu_ps(lowest, tail_mask(count), input));
  }
  return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(max0, max1), _mm512_max_ps(max2, max3)));
}

// Two-constant reduction, degree 5. Constants: ln 2 in two floats, and a minimax polynomial of exp on [-ln2/2, ln2/2].
TARGET_AVX512F inline __m512 exp_of_nonpositive(__m512 x)
{
  const __m512 magic_bias = _mm512_set1_ps(0x1.8000FEp23f);
  __m512 n = _mm512_fmadd_ps(x, _mm512_set1_ps(0x1.715476p+0f), magic_bias);
  const __m512 power = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(n), 23));
  n = _mm512_sub_ps(n, magic_bias);
  __m512 t = _mm512_fmadd_ps(n, _mm512_set1_ps(-0x1.62E43p-1f), x);
  t = _mm512_fmadd_ps(n, _mm512_set1_ps(0x1.05C61p-29f), t);
  __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(0x1.0F9F9Cp-7f), t, _mm512_set1_ps(0x1.573A1Ap-5f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0x1.555A80p-3f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0x1.FFFDC6p-2f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0x1.FFFFF6p-1f));
  t = _mm512_mul_ps(t, power);
  const __m512 y = _mm512_fmadd_ps(t, p, power);
  const __mmask16 underflows = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-0x1.5D589Ep6f), _CMP_LT_OS);
  return _mm512_mask_blend_ps(underflows, y, _mm512_setzero_ps());
}

TARGET_AVX512F float store_exp_and_sum(const float* input, float* output, size_t count, float max)
{
  const __m512 maxs = _mm512_set1_ps(max);
  __m512 sum0 = _mm512_setzero_ps();
  __m512 sum1 = _mm512_setzero_ps();
  for (; count >= 64; count -= 64, input += 64, output += 64) {
    const __m512 y0 = exp_of_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(input), maxs));
    const __m512 y1 = exp_of_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(input + 16), maxs));
    const __m512 y2 = exp_of_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(input + 32), maxs));
    const __m512 y3 = exp_of_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(input + 48), maxs));
    _mm512_storeu_ps(output, y0);
    _mm512_storeu_ps(output + 16, y1);
    _mm512_storeu_ps(output + 32, y2);
    _mm512_storeu_ps(output + 48, y3);
    sum0 = _mm512_add_ps(sum0, y0);
    sum1 = _mm512_add_ps(sum1, y1);
    sum0 = _mm512_add_ps(sum0, y2);
    sum1 = _mm512_add_ps(sum1, y3);
  }
  sum0 = _mm512_add_ps(sum0, sum1);
  for (; count >= 16; count -= 16, input += 16, output += 16) {
    const __m512 y = exp_of_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(input), maxs));
    _mm512_storeu_ps(output, y);
    sum0 = _mm512_add_ps(sum0, y);
  }
  if (count != 0) {
    const __mmask16 tail = tail_mask(count);
    const __m512 y = exp_of_nonpositive(_mm512_sub_ps(_mm512_maskz_loadu_ps(tail, input), maxs));
    _mm512_mask_storeu_ps(output, tail, y);
    sum0 = _mm512_mask_add_ps(sum0, tail, sum0, y);
  }
  return _mm512_reduce_add_ps(sum0);
}

TARGET_AVX512F void multiply(float* data, size_t count, float multiplier)
{
  const __m512 multipliers = _mm512_set1_ps(multiplier);
  for (; count >= 32; count -= 32, data += 32) {
    _mm512_storeu_ps(data, _mm512_mul_ps(_mm512_loadu_ps(data), multipliers));
    _mm512_storeu_ps(data + 16, _mm512_mul_ps(_mm512_loadu_ps(data + 16), multipliers));
  }
  for (; count >= 16; count -= 16, data += 16) {
    _mm512_storeu_ps(data, _mm512_mul_ps(_mm512_loadu_ps(data), multipliers));
  }
  if (count != 0) {
    const __mmask16 tail = tail_mask(count);
    _mm512_mask_storeu_ps(data, tail, _mm512_mul_ps(_mm512_maskz_loadu_ps(tail, data), multipliers));
  }
}

void compute_row(void* context, size_t row)
{
  const Task& task = *static_cast<const Task*>(context);
  const float* input = task.input + row * task.channels;
  float* output = task.output + row * task.channels;
  const float max = find_max(input, task.channels);
  const float sum = store_exp_and_sum(input, output, task.channels, max);
  multiply(output, task.channels, 1.0f / sum);
}

class UpstreamLike : public Implementation {
 public:
  explicit UpstreamLike(const Task& task) : task_(task) {}
  void run() override { pthreadpool_parallelize_1d(task_.threadpool, compute_row, &task_, task_.rows, /*flags=*/0); }

 private:
  Task task_;
};

#endif  // defined(__x86_64__)

}  // namespace

std::unique_ptr<Implementation> make_upstream_like(const Task& task)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return std::make_unique<UpstreamLike>(task);
  }
#endif
  (void) task;
  throw Unavailable("this processor has no AVX-512");
}

}  // namespace xnnx_bench
