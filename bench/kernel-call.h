// How a microbenchmark calls a kernel: one struct for each family in src/xnnx/kernel-families.h.
//
// run(kernel, tile, count, input, output) works on `count` elements; `writes` says whether it writes as many as it
// reads.

#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "src/xnnx/kernels.h"

namespace xnnx_bench {

// The largest of the inputs, which lie in [-8, 8), and the exponent of its exponential.
constexpr float kMax = 8.0f;
constexpr float kExponent = 11.0f;
// Of the order of a softmax's; no output is denormal.
constexpr double kScale = 0x1p-10;

struct call_rmax {
  static constexpr bool writes = false;
  static void run(xnnx_f32_rmax_fn kernel, size_t, size_t count, float* input, float*)
  {
    float max;
    kernel(count, input, &max);
    benchmark::DoNotOptimize(max);
  }
};

struct call_raddexpminusmax {
  static constexpr bool writes = false;
  // Block by block, as a softmax calls it.
  static void run(xnnx_f32_raddexpminusmax_fn kernel, size_t, size_t count, float* input, float*)
  {
    for (size_t i = 0; i < count; i += XNNX_BLOCK_ELEMENTS) {
      struct xnnx_pair sum;
      kernel(std::min(count - i, XNNX_BLOCK_ELEMENTS), input + i, kMax, &sum);
      benchmark::DoNotOptimize(sum);
    }
  }
};

// Enough for all sizes that are measured.
inline struct xnnx_pair* sums_of_blocks(size_t count)
{
  static std::vector<struct xnnx_pair> sums;
  sums.resize(std::max(sums.size(), count / XNNX_BLOCK_ELEMENTS + 1));
  return sums.data();
}

struct call_raddstoreexpminusmax {
  static constexpr bool writes = true;
  static void run(xnnx_f32_raddstoreexpminusmax_fn kernel, size_t, size_t count, float* input, float* output)
  {
    float max = kMax;
    struct xnnx_pair* sums = sums_of_blocks(count);
    kernel(count, input, output, &max, sums, /*next_count=*/0, /*next_input=*/nullptr, /*is_far=*/false,
           /*streamed=*/nullptr);
    benchmark::DoNotOptimize(sums[0]);
  }
};

struct call_vscaleexpminusmax {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vscaleexpminusmax_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count, input, output, kMax, kScale, /*stream=*/false);
  }
};

struct call_vmulc {
  static constexpr bool writes = true;
  // In place, as softmax uses it; by 1, because any other factor would end in denormals or infinities.
  static void run(xnnx_f32_vmulc_fn kernel, size_t, size_t count, float* input, float*)
  {
    kernel(count, input, input, 1.0, /*stream=*/false);
  }
};

struct call_raddextexp {
  static constexpr bool writes = false;
  static void run(xnnx_f32_raddextexp_fn kernel, size_t, size_t count, float* input, float*)
  {
    struct xnnx_pair* sums = sums_of_blocks(count);
    kernel(count, input, sums);
    benchmark::DoNotOptimize(sums[0]);
  }
};

struct call_vscaleextexp {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vscaleextexp_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count, input, output, kExponent, /*shift=*/0.0f, kScale, /*stream=*/false);
  }
};

struct call_softmaxrows {
  static constexpr bool writes = true;
  // As many short rows as the count has, or one shorter one.
  static void run(xnnx_f32_softmaxrows_fn kernel, size_t, size_t count, float* input, float* output)
  {
    const size_t channels = std::min(XNNX_SHORT_ROW_CHANNELS, count);
    kernel(count / channels, channels, input, channels, output, channels, /*scale_of_fully_masked=*/0.0,
           /*is_far=*/false);
  }
};

}  // namespace xnnx_bench
