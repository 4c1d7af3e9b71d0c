// How a microbenchmark calls a kernel: one struct for each family in src/xnnx/kernels.h.
//
// run(kernel, tile, count, input, output) works on `count` elements; `writes` says whether it writes as many as it
// reads.

#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

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
    kernel(count * sizeof(float), input, &sum, kMax, kMax);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_raddstoreexpminusmax {
  static constexpr bool writes = true;
  static void run(xnnx_f32_raddstoreexpminusmax_fn kernel, size_t, size_t count, float* input, float* output)
  {
    double sum;
    kernel(count * sizeof(float), input, output, &sum, kMax, kMax);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_raddstoreexpminusmaxstream {
  static constexpr bool writes = true;
  // The exponentials stay in a block of their own, as in softmax; those of the row before are all zero.
  static void run(
      xnnx_f32_raddstoreexpminusmaxstream_fn kernel, size_t, size_t count, float* input, float* output)
  {
    static float exponentials[4096];
    static const float exponentials_before[4096] = {0.0f};
    for (size_t i = 0; i < count; i += std::size(exponentials)) {
      const size_t some = std::min(count - i, std::size(exponentials));
      double sum;
      kernel(
          some * sizeof(float), input + i, exponentials, &sum, kMax, kMax, input + i, exponentials_before, output + i,
          kScale);
      benchmark::DoNotOptimize(sum);
    }
  }
};

struct call_vscaleexpminusmax {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vscaleexpminusmax_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count * sizeof(float), input, output, kScale, kMax);
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
    kernel(count * sizeof(float), input, &sum);
    benchmark::DoNotOptimize(sum);
  }
};

struct call_vscaleextexp {
  static constexpr bool writes = true;
  static void run(xnnx_f32_vscaleextexp_fn kernel, size_t, size_t count, float* input, float* output)
  {
    kernel(count * sizeof(float), input, output, kScale, kExponent);
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
    size_t computed_rows;
    kernel(count / channels, channels, input, channels, output, channels, &computed_rows);
    benchmark::DoNotOptimize(computed_rows);
  }
};

}  // namespace xnnx_bench
