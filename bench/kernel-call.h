// How a microbenchmark calls a kernel: one struct for each family in src/xnnx/kernel-families.h.
//
// run(kernel, tile, count, input, output) works on `count` elements; `writes` says whether it writes as many as it
// reads.

#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>

#include "src/xnnx/kernels.h"

namespace xnnx_bench {

// The largest of the inputs, which lie in [-8, 8), and the exponent of its exponential.
constexpr float kMax = 8.0f;
constexpr float kExponent = 12.0f;
// Of the order of a softmax's; no output is denormal.
constexpr float kScale = 0x1p-10f;

struct call_rmax {
  static constexpr bool writes = false;
  static void run(xnnx_f32_rmax_fn kernel, size_t, size_t count, float* input, float*)
  {
    float max;
    kernel(count * sizeof(float), input, &max);
    benchmark::DoNotOptimize(max);
  }
};

struct call_raddexpminusmax {
  static constexpr bool writes = false;
  static void run(xnnx_f32_raddexpminusmax_fn kernel, size_t, size_t count, float* input, float*)
  {
    double sum;
    kernel(count * sizeof(float), input, &sum, kMax, kMax, /*shift=*/0.0f);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_raddstoreexpminusmax {
  static constexpr bool writes = true;
  static void run(xnnx_f32_raddstoreexpminusmax_fn kernel, size_t, size_t count, float* input, float* output)
  {
    double sum;
    kernel(count * sizeof(float), input, output, &sum, kMax, kMax, /*shift=*/0.0f);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_raddstoreexpminusestimate {
  static constexpr bool writes = true;
  static void run(xnnx_f32_raddstoreexpminusestimate_fn kernel, size_t, size_t count, float* input, float* output)
  {
    double sum;
    size_t stored_bytes;
    kernel(count * sizeof(float), input, output, &sum, kMax, /*shift=*/0.0f, &stored_bytes, /*next_input=*/input);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_raddstoreexpminusestimatestream {
  static constexpr bool writes = true;
  // Rows of at most a block, as in softmax: the exponentials stay in a block of their own, the row after is fetched,
  // and of the row before all exponentials are zero.
  static void run(
      xnnx_f32_raddstoreexpminusestimatestream_fn kernel, size_t, size_t count, float* input, float* output)
  {
    constexpr size_t kBlock = 4096;
    static float exponentials[kBlock];
    static const float exponentials_before[kBlock] = {0.0f};
    for (size_t i = 0; i < count; i += kBlock) {
      const size_t some = std::min(count - i, kBlock);
      const bool is_last = count - i < 2 * kBlock;
      double sum;
      size_t stored_bytes;
      kernel(
          some * sizeof(float), input + i, exponentials, &sum, kMax, /*shift=*/0.0f, &stored_bytes, input + (is_last ? 0 : i + some),
          exponentials_before, output + i, kScale);
      benchmark::DoNotOptimize(sum);
    }
  }
};

struct call_vscaleexpminusmax {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vscaleexpminusmax_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count * sizeof(float), input, output, kScale, kMax, /*shift=*/0.0f);
  }
};

struct call_vmulc {
  static constexpr bool writes = true;
  // In place, as softmax uses it; by 1, because any other factor would end in denormals or infinities.
  static void run(xnnx_f32_vmulc_fn kernel, size_t, size_t count, float* input, float*)
  {
    kernel(count * sizeof(float), input, input, 1.0f);
  }
};

struct call_raddextexp {
  static constexpr bool writes = false;
  static void run(xnnx_f32_raddextexp_fn kernel, size_t, size_t count, float* input, float*)
  {
    xnnx_pair sum;
    kernel(count * sizeof(float), input, &sum, /*shift=*/0.0f);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_vscaleextexp {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vscaleextexp_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count * sizeof(float), input, output, kScale, kExponent, /*shift=*/0.0f);
  }
};

struct call_vmulcstream {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vmulcstream_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count * sizeof(float), input, output, kScale);
  }
};

struct call_vscaleextexpstream : call_vscaleextexp {};

struct call_softmaxrows {
  static constexpr bool writes = true;
  // As many rows of the tile's length as the count has, or one shorter one.
  static void run(xnnx_f32_softmaxrows_fn kernel, size_t tile, size_t count, float* input, float* output)
  {
    const size_t channels = std::min(tile, count);
    kernel(count / channels, channels, input, channels, output, channels, /*scale_of_fully_masked=*/0.0);
  }
};

}  // namespace xnnx_bench
