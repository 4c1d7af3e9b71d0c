// How every kernel of the table is compared with the reference of its family: bit for bit. A family without a check here
// does not compile.

#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "src/xnnx/isa.h"
#include "src/xnnx/kernels.h"
#include "src/xnnx/references.h"

using Floats = std::vector<float>;

struct Row {
  const float* input;
  float* output;  // only of families that have one; may equal the input
  size_t count;
  size_t tile;  // of the kernel
  // What results are multiplied by. This one is no float.
  double factor = 1.0 / 3.0;
  // Of f32-softmaxrows, where `count` is that of several rows.
  size_t most_channels = SIZE_MAX;
};

// NaNs may have any bits: which ones is up to the processor.
template <typename Number>
testing::AssertionResult are_same(Number actual, Number expected) {
  if (memcmp(&actual, &expected, sizeof(actual)) == 0 || (std::isnan(actual) && std::isnan(expected))) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << std::hexfloat << actual << " instead of " << expected;
}

inline testing::AssertionResult are_same(const float* actual, const Floats& expected) {
  for (size_t i = 0; i < expected.size(); i++) {
    const testing::AssertionResult is_same = are_same(actual[i], expected[i]);
    if (!is_same) {
      return testing::AssertionFailure() << "at " << i << " of " << expected.size() << ": " << is_same.message();
    }
  }
  return testing::AssertionSuccess();
}

inline void expect_same(const struct xnnx_pair& actual, const struct xnnx_pair& expected) {
  ASSERT_TRUE(are_same(actual.mantissa, expected.mantissa));
  ASSERT_TRUE(are_same(actual.exponent, expected.exponent));
  ASSERT_TRUE(are_same(actual.shift, expected.shift));
}

inline void expect_same(const std::vector<struct xnnx_pair>& actual, const std::vector<struct xnnx_pair>& expected) {
  for (size_t i = 0; i < expected.size(); i++) {
    ASSERT_NO_FATAL_FAILURE(expect_same(actual[i], expected[i])) << "block " << i;
  }
}

inline size_t blocks_of(const Row& row) { return (row.count + XNNX_BLOCK_ELEMENTS - 1) / XNNX_BLOCK_ELEMENTS; }

inline size_t elements_of_block(const Row& row) { return std::min(row.count, XNNX_BLOCK_ELEMENTS); }

struct rmax_family {
  static constexpr bool has_output = false;

  static void check(xnnx_f32_rmax_fn kernel, const Row& row) {
    float max;
    kernel(row.count, row.input, &max);
    const float expected = xnnx_max_reference(row.count, row.input);
    ASSERT_TRUE(std::isnan(expected) || max == expected) << max << " instead of " << expected;
  }
};

struct raddexpminusmax_family {
  static constexpr bool has_output = false;

  static void check(xnnx_f32_raddexpminusmax_fn kernel, const Row& row) {
    const size_t count = elements_of_block(row);
    const float max = xnnx_max_reference(count, row.input);
    struct xnnx_pair sum;
    struct xnnx_pair expected;
    kernel(count, row.input, max, &sum);
    xnnx_f32_raddexpminusmax_reference(count, row.input, max, &expected);
    expect_same(sum, expected);
  }
};

struct raddextexp_family {
  static constexpr bool has_output = false;

  static void check(xnnx_f32_raddextexp_fn kernel, const Row& row) {
    std::vector<struct xnnx_pair> sums(blocks_of(row));
    std::vector<struct xnnx_pair> expected(blocks_of(row));
    kernel(row.count, row.input, sums.data());
    xnnx_f32_raddextexp_reference(row.count, row.input, expected.data());
    // The exponent of a block with a NaN may be anything.
    for (size_t i = 0; i < sums.size(); i++) {
      if (std::isnan(expected[i].mantissa)) {
        ASSERT_TRUE(std::isnan(sums[i].mantissa));
      } else {
        ASSERT_NO_FATAL_FAILURE(expect_same(sums[i], expected[i])) << "block " << i;
      }
    }
  }
};

// Before a kernel is called again: in place, its results stand where its input was.
inline void restore_input(const Row& row, const Floats& input) {
  if (row.output == row.input) {
    memcpy(row.output, input.data(), input.size() * sizeof(float));
  }
}

// Where blocks leave past the caches: at any place in a line, between floats that must not change.
class StreamedOutput {
 public:
  explicit StreamedOutput(size_t count) : first_(16 + count % 16), count_(count), floats_(count + 48, kUntouched) {}

  float* begin() { return &floats_[first_]; }

  bool is_untouched_outside() const {
    const auto is_untouched = [](float x) { return x == kUntouched; };
    return std::all_of(floats_.begin(), floats_.begin() + first_, is_untouched) &&
           std::all_of(floats_.begin() + first_ + count_, floats_.end(), is_untouched);
  }

 private:
  static constexpr float kUntouched = -12345.0f;
  size_t first_;
  size_t count_;
  Floats floats_;
};

struct raddstoreexpminusmax_family {
  static constexpr bool has_output = true;

  static void check(xnnx_f32_raddstoreexpminusmax_fn kernel, const Row& row) {
    const Floats input(row.input, row.input + row.count);
    ASSERT_NO_FATAL_FAILURE(check(kernel, row, input, /*is_far=*/false, /*has_stream=*/false)) << "near";
    restore_input(row, input);
    ASSERT_NO_FATAL_FAILURE(check(kernel, row, input, /*is_far=*/true, /*has_stream=*/false)) << "far";
    restore_input(row, input);
    ASSERT_NO_FATAL_FAILURE(check(kernel, row, input, /*is_far=*/true, /*has_stream=*/true)) << "with a stream";
  }

  static void check(
      xnnx_f32_raddstoreexpminusmax_fn kernel, const Row& row, const Floats& input, bool is_far, bool has_stream) {
    const float first_max = xnnx_max_reference(elements_of_block(row), input.data());
    // What follows is of any length.
    const Floats next(input.begin(), input.begin() + row.count % (row.count / 2 + 1));
    std::vector<double> factors(blocks_of(row));
    for (size_t block = 0; block < factors.size(); block++) {
      factors[block] = row.factor / static_cast<double>(1 + block);
    }
    StreamedOutput streamed(row.count);
    Floats expected_streamed(row.count);
    const struct xnnx_streamed_blocks stream = {input.data(), streamed.begin(), factors.data()};
    const struct xnnx_streamed_blocks expected_stream = {input.data(), expected_streamed.data(), factors.data()};
    std::vector<struct xnnx_pair> sums(blocks_of(row));
    std::vector<struct xnnx_pair> expected_sums(blocks_of(row));
    Floats expected(row.count);
    float max = first_max;
    float expected_max = first_max;
    kernel(
        row.count, row.input, row.output, &max, sums.data(), next.size(), next.data(), is_far,
        has_stream ? &stream : nullptr);
    xnnx_f32_raddstoreexpminusmax_reference(
        row.count, input.data(), expected.data(), &expected_max, expected_sums.data(), next.size(), next.data(),
        is_far, has_stream ? &expected_stream : nullptr);
    ASSERT_TRUE(streamed.is_untouched_outside()) << "around what leaves meanwhile";
    if (has_stream) {
      ASSERT_TRUE(are_same(streamed.begin(), expected_streamed)) << "what leaves meanwhile";
    }
    if (std::any_of(input.begin(), input.end(), [](float x) { return std::isnan(x) || x == INFINITY; })) {
      // The others of the block are unspecified then.
      ASSERT_TRUE(std::any_of(sums.begin(), sums.end(), [](const auto& sum) { return std::isnan(sum.mantissa); }));
      return;
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(sums, expected_sums));
    ASSERT_TRUE(are_same(row.output, expected));
    // As of a number: zeros of both signs are equal.
    ASSERT_EQ(max, expected_max) << "the maximum of the " << next.size() << " elements that follow";
  }
};

// Of families whose output may go past the caches: `compute(input, output, stream)` gives what `expected` is, either way.
template <typename Compute>
void check_with_and_without_stream(const Row& row, const Floats& expected, const Compute& compute) {
  const Floats input(row.input, row.input + row.count);
  for (const bool stream : {false, true}) {
    restore_input(row, input);
    compute(row.input, row.output, stream);
    ASSERT_TRUE(are_same(row.output, expected)) << (stream ? "past the caches" : "");
  }
}

// Of exponentials: with a NaN or +infinity as the maximum, these are relative to that of 0, and what is above it may be anything.
// So it is taken out of both.
inline void forget_what_is_above(float max, const Floats& input, float* output) {
  for (size_t i = 0; i < input.size() && !(max < INFINITY); i++) {
    if (input[i] > 0.0f && input[i] < INFINITY) {
      output[i] = 0.0f;
    }
  }
}

struct vscaleextexp_family {
  static constexpr bool has_output = true;

  static void check(xnnx_f32_vscaleextexp_fn kernel, const Row& row) {
    const Floats input(row.input, row.input + row.count);
    const float max = xnnx_max_reference(row.count, input.data());
    const struct xnnx_pair scale = xnnx_scale_reference(max);
    // Larger ones are what a row's last block is told that is next to nothing beside the others.
    for (const float exponent : {scale.exponent, scale.exponent + 64.0f}) {
      Floats expected(row.count);
      xnnx_f32_vscaleextexp_reference(
          row.count, input.data(), expected.data(), exponent, scale.shift, row.factor, /*stream=*/false);
      forget_what_is_above(max, input, expected.data());
      restore_input(row, input);
      ASSERT_NO_FATAL_FAILURE(
          check_with_and_without_stream(row, expected, [&](const float* from, float* to, bool stream) {
            kernel(row.count, from, to, exponent, scale.shift, row.factor, stream);
            forget_what_is_above(max, input, to);
          }));
    }
  }
};

struct vscaleexpminusmax_family {
  static constexpr bool has_output = true;

  static void check(xnnx_f32_vscaleexpminusmax_fn kernel, const Row& row) {
    const Floats input(row.input, row.input + row.count);
    const float max = xnnx_max_reference(row.count, row.input);
    Floats expected(row.count);
    xnnx_f32_vscaleexpminusmax_reference(row.count, row.input, expected.data(), max, row.factor, /*stream=*/false);
    forget_what_is_above(max, input, expected.data());
    check_with_and_without_stream(row, expected, [&](const float* from, float* to, bool stream) {
      kernel(row.count, from, to, max, row.factor, stream);
      forget_what_is_above(max, input, to);
    });
  }
};

struct vmulc_family {
  static constexpr bool has_output = true;

  static void check(xnnx_f32_vmulc_fn kernel, const Row& row) {
    Floats expected(row.count);
    xnnx_f32_vmulc_reference(row.count, row.input, expected.data(), row.factor, /*stream=*/false);
    check_with_and_without_stream(row, expected, [&](const float* from, float* to, bool stream) {
      kernel(row.count, from, to, row.factor, stream);
    });
  }
};

// The elements are taken for as few rows of equal length as their number allows.
struct softmaxrows_family {
  static constexpr bool has_output = true;

  static void check(xnnx_f32_softmaxrows_fn kernel, const Row& elements) {
    const Floats input(elements.input, elements.input + elements.count);
    ASSERT_NO_FATAL_FAILURE(check(kernel, elements, /*is_far=*/false)) << "near";
    restore_input(elements, input);
    ASSERT_NO_FATAL_FAILURE(check(kernel, elements, /*is_far=*/true)) << "far";
  }

  static void check(xnnx_f32_softmaxrows_fn kernel, const Row& elements, bool is_far) {
    size_t channels = std::min({elements.count, XNNX_CACHED_ROW_CHANNELS, elements.most_channels});
    while (elements.count % channels != 0) {
      channels--;
    }
    const size_t row_count = elements.count / channels;
    Floats expected(elements.count);
    // Of the elements, so that all kernels are told either.
    const double scale_of_fully_masked = elements.count % 2 == 0 ? 0.0 : static_cast<double>(NAN);
    xnnx_f32_softmaxrows_reference(
        row_count, channels, elements.input, channels, expected.data(), channels, scale_of_fully_masked, is_far);
    kernel(row_count, channels, elements.input, channels, elements.output, channels, scale_of_fully_masked, is_far);
    // NaNs, too, have the same bits.
    for (size_t i = 0; i < elements.count; i++) {
      ASSERT_EQ(memcmp(&elements.output[i], &expected[i], sizeof(float)), 0)
          << elements.output[i] << " instead of " << expected[i] << " in row " << i / channels << " of " << row_count
          << " rows of " << channels << " channels";
    }
  }
};

struct KernelCase {
  const char* name;
  const char* family;
  enum xnnx_isa isa;
  size_t tile;
  bool has_output;
  void (*check)(const Row& row);
};

#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default) \
  {#function, #family, xnnx_isa_##isa, tile, family##_family::has_output, \
   [](const Row& row) { family##_family::check(function, row); }},
inline const KernelCase kKernelCases[] = {
#include "src/xnnx/gen/kernels.inc"
};
#undef XNNX_UKERNEL

inline bool is_present(enum xnnx_isa isa) {
  switch (isa) {
#define XNNX_ISA(name, is_present) \
  case xnnx_isa_##name:            \
    return is_present;
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
    default:
      return false;
  }
}

inline const char* isa_name(enum xnnx_isa isa) {
  switch (isa) {
#define XNNX_ISA(name, is_present) \
  case xnnx_isa_##name:            \
    return #name;
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
    default:
      return "unknown";
  }
}
