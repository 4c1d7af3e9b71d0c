// How every kernel of the table is compared with the reference of its family. A family without a check here does not
// compile.

#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <vector>

#include <cpuinfo.h>
#include <gtest/gtest.h>

#include "src/xnnx/isa.h"
#include "src/xnnx/kernels.h"
#include "src/xnnx/references.h"
#include "test/accuracy/ulp.h"

using Floats = std::vector<float>;

struct Row {
  const float* input;
  float* output;  // only of families that have one; may equal the input
  size_t count;
  size_t tile;  // of the kernel
  // How far the maximum that a kernel is told exceeds the row's, as in a block of a larger row.
  float max_above = 0.0f;
  // What results are multiplied by: as 1 / sum of a softmax at most the square root of 2. This one is no float.
  double factor = 1.0 / 3.0;
  // Of f32-softmaxrows, where `count` is that of several rows.
  size_t most_channels = SIZE_MAX;

  size_t bytes() const { return count * sizeof(float); }
};

// A whole softmax may be off by 4 ULP, no kernel alone by so many: an exponential may be off by 1 (exp-core-test), and
// its product with a factor and the reference, which is a float, are rounded.
constexpr double kMaxUlpOfSoftmax = 4.0;
constexpr double kMaxUlp = 2.0;

// Below this kernel-families.h lets an exponential that is stored for later be off by FLT_MIN.
constexpr double kSmallestExactExp = 2.0 * static_cast<double>(FLT_MIN);

// What is not finite must be the same, whatever the tolerance.
inline testing::AssertionResult is_within(double actual, double expected, double tolerance) {
  const bool is_same = std::isnan(expected) ? std::isnan(actual) : actual == expected;
  if (is_same || (std::isfinite(expected) && std::abs(actual - expected) <= tolerance)) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << actual << " instead of " << expected << ", which may be off by " << tolerance;
}

// To `max_ulp` or, up to `smallest`, because what is below may be zero, to FLT_MIN.
inline testing::AssertionResult is_close(
    double actual, double expected, double max_ulp = kMaxUlp, double smallest = FLT_MIN) {
  const bool is_small = std::abs(expected) <= smallest;
  return is_within(actual, expected, is_small ? FLT_MIN : max_ulp * xnnx_accuracy::ulp_of(expected));
}

// Every term may be off by FLT_MIN.
inline testing::AssertionResult is_close_sum(double actual, double expected, size_t term_count) {
  const double max_lost = static_cast<double>(term_count) * FLT_MIN;
  return is_within(actual, expected, std::fmax(kMaxUlp * xnnx_accuracy::ulp_of(expected), max_lost));
}

inline void expect_close(
    const float* actual, const Floats& expected, double max_ulp = kMaxUlp, double smallest = kSmallestExactExp) {
  for (size_t i = 0; i < expected.size(); i++) {
    ASSERT_TRUE(is_close(actual[i], expected[i], max_ulp, smallest)) << "at " << i << " of " << expected.size();
  }
}

// The product is rounded once: a multiplier rounded to float would show. So is what the multiplier's low bits add,
// which tells where that is below FLT_MIN.
inline testing::AssertionResult is_close_product(double actual, double expected) {
  const bool is_small = std::abs(expected) <= FLT_MIN;
  const double roundings = 0.5001 * xnnx_accuracy::ulp_of(expected) + 0.5 * static_cast<double>(FLT_TRUE_MIN);
  return is_within(actual, expected, is_small ? FLT_MIN : roundings);
}

inline void expect_product(const float* actual, const Floats& input, double multiplier) {
  Floats expected(input.size());
  xnnx_f32_vmulc_reference(input.size() * sizeof(float), input.data(), expected.data(), multiplier);
  for (size_t i = 0; i < input.size(); i++) {
    if (std::isinf(input[i])) {
      ASSERT_FALSE(std::isfinite(actual[i])) << actual[i] << " at " << i << " of " << input.size();
    } else {
      const double product = std::isinf(expected[i]) ? expected[i] : input[i] * multiplier;
      ASSERT_TRUE(is_close_product(actual[i], product)) << "at " << i << " of " << input.size();
    }
  }
}

inline float max_of(const Row& row) {
  float max;
  xnnx_f32_rmax_reference(row.bytes(), row.input, &max);
  return max;
}

inline bool contains_nan(const float* input, size_t count) {
  return std::any_of(input, input + count, [](float x) { return std::isnan(x); });
}

// The shift that a kernel is told: one near the maximum, where that is large.
inline float shift_of(float max) {
  const bool is_direct = std::abs(max) <= XNNX_EXP_LARGEST_DIRECT_ARGUMENT;
  return is_direct || std::isinf(max) ? 0.0f : std::rint(max / XNNX_EXP_SHIFT_STEP) * XNNX_EXP_SHIFT_STEP;
}

// The largest x, which is an input minus the shift, and the maximum that a kernel is told.
inline float largest_of(const Row& row) { return max_of(row) - shift_of(max_of(row)); }

inline float told_max(const Row& row) {
  return std::clamp(
      largest_of(row) + row.max_above, -XNNX_EXP_LARGEST_DIRECT_ARGUMENT, XNNX_EXP_LARGEST_DIRECT_ARGUMENT);
}

// Of each family: whether it has an output, whether a NaN in the row shows in its result, whether it takes +infinity
// and a maximum beyond XNNX_EXP_LARGEST_DIRECT_ARGUMENT without a shift, and how a kernel is compared with the
// reference.

struct rmax_family {
  static constexpr bool has_output = false;
  static constexpr bool shows_nan = false;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_rmax_fn kernel, const Row& row) {
    float max;
    kernel(row.bytes(), row.input, &max);
    if (!contains_nan(row.input, row.count)) {
      ASSERT_EQ(max, max_of(row));
    }
  }
};

struct raddexpminusmax_family {
  static constexpr bool has_output = false;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  static void check(xnnx_f32_raddexpminusmax_fn kernel, const Row& row) {
    double sum;
    double expected_sum;
    const float shift = shift_of(max_of(row));
    xnnx_f32_raddexpminusmax_reference(row.bytes(), row.input, &expected_sum, told_max(row), largest_of(row), shift);
    kernel(row.bytes(), row.input, &sum, told_max(row), largest_of(row), shift);
    ASSERT_TRUE(is_close_sum(sum, expected_sum, row.count));
  }
};

struct raddstoreexpminusmax_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  static void check(xnnx_f32_raddstoreexpminusmax_fn kernel, const Row& row) {
    Floats expected(row.count);
    double sum;
    double expected_sum;
    const float max = told_max(row);
    const float largest = largest_of(row);
    const float shift = shift_of(max_of(row));
    xnnx_f32_raddstoreexpminusmax_reference(
        row.bytes(), row.input, expected.data(), &expected_sum, max, largest, shift);
    kernel(row.bytes(), row.input, row.output, &sum, max, largest, shift);
    ASSERT_TRUE(is_close_sum(sum, expected_sum, row.count));
    expect_close(row.output, expected);
  }
};

// The estimate is poor: that of the first element alone, if that is one.
struct Estimate {
  float max;
  float shift;
};

inline Estimate estimate_of(const Row& row) {
  const float first = row.input[0];
  const float shift = shift_of(first);
  const float max = std::isfinite(first) ? first - shift : max_of(row);
  return {std::clamp(max, -XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT), shift};
}

// A kernel may stop within a tile before the first element that is too large, and must not before that. With a NaN it
// may stop anywhere.
inline void expect_stored(size_t stored_bytes, size_t expected_bytes, const Row& row, bool has_nan) {
  ASSERT_EQ(stored_bytes % sizeof(float), 0u);
  ASSERT_LE(stored_bytes, row.bytes());
  if (has_nan) {
    return;
  }
  ASSERT_LE(stored_bytes, expected_bytes);
  if (expected_bytes == row.bytes()) {
    ASSERT_EQ(stored_bytes, expected_bytes);
  } else {
    ASSERT_GT(stored_bytes + row.tile * sizeof(float), expected_bytes);
  }
}

// The sum of the first `stored` elements. Where the estimate is above all of them, as never in a softmax, it may be off
// as a sum of 1 may.
inline testing::AssertionResult is_close_sum_of_stored(
    double sum, double expected, const Floats& input, size_t stored, Estimate estimate) {
  const bool reaches_estimate = *std::max_element(input.begin(), input.begin() + stored) - estimate.shift >= estimate.max;
  const double magnitude = reaches_estimate ? expected : std::fmax(expected, 1.0);
  const double max_lost = static_cast<double>(stored) * FLT_MIN;
  return is_within(sum, expected, std::fmax(kMaxUlp * xnnx_accuracy::ulp_of(magnitude), max_lost));
}

struct raddstoreexpminusestimate_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_raddstoreexpminusestimate_fn kernel, const Row& row) {
    const Estimate estimate = estimate_of(row);
    const Floats input(row.input, row.input + row.count);
    Floats expected(row.count);
    double sum;
    double expected_sum;
    size_t stored_bytes;
    size_t expected_bytes;
    if (row.output != row.input) {
      memcpy(row.output, row.input, row.bytes());
    }
    xnnx_f32_raddstoreexpminusestimate_reference(
        row.bytes(), input.data(), expected.data(), &expected_sum, estimate.max, estimate.shift, &expected_bytes, input.data());
    kernel(row.bytes(), row.input, row.output, &sum, estimate.max, estimate.shift, &stored_bytes, row.input);
    const size_t stored = stored_bytes / sizeof(float);
    const bool has_nan = contains_nan(input.data(), row.count);
    ASSERT_NO_FATAL_FAILURE(expect_stored(stored_bytes, expected_bytes, row, has_nan));
    ASSERT_EQ(memcmp(row.output + stored, &input[stored], row.bytes() - stored_bytes), 0) << "not stored, but written";
    if (has_nan) {
      ASSERT_TRUE(std::isnan(sum) || !contains_nan(input.data(), stored)) << sum;
    } else if (stored != 0) {
      xnnx_f32_raddstoreexpminusestimate_reference(
          stored_bytes, input.data(), expected.data(), &expected_sum, estimate.max, estimate.shift, &expected_bytes, input.data());
      expected.resize(stored);
      expect_close(row.output, expected);
      ASSERT_TRUE(is_close_sum_of_stored(sum, expected_sum, input, stored, estimate));
    } else {
      ASSERT_EQ(sum, 0.0);
    }
  }
};

// The product is that of the same row and goes to where the test looks for writes beyond; the exponentials have a place
// of their own.
struct raddstoreexpminusestimatestream_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_raddstoreexpminusestimatestream_fn kernel, const Row& row) {
    const Estimate estimate = estimate_of(row);
    const Floats input(row.input, row.input + row.count);
    Floats exponentials(row.count, -1.0f);
    Floats expected(row.count, -1.0f);
    double sum;
    double expected_sum;
    size_t stored_bytes;
    size_t expected_bytes;
    xnnx_f32_raddstoreexpminusestimate_reference(
        row.bytes(), input.data(), expected.data(), &expected_sum, estimate.max, estimate.shift, &expected_bytes, input.data());
    const float* exp_input = row.output == row.input ? input.data() : row.input;
    kernel(
        row.bytes(), exp_input, exponentials.data(), &sum, estimate.max, estimate.shift, &stored_bytes, row.input, input.data(), row.output,
        row.factor);
    const bool has_nan = contains_nan(input.data(), row.count);
    ASSERT_NO_FATAL_FAILURE(expect_stored(stored_bytes, expected_bytes, row, has_nan));
    if (has_nan) {
      ASSERT_TRUE(std::isnan(sum) || !contains_nan(input.data(), stored_bytes / sizeof(float))) << sum;
    } else {
      std::fill(expected.begin(), expected.end(), -1.0f);
      expected_sum = 0.0;
      if (stored_bytes != 0) {
        xnnx_f32_raddstoreexpminusestimate_reference(
            stored_bytes, input.data(), expected.data(), &expected_sum, estimate.max, estimate.shift, &expected_bytes, input.data());
      }
      expect_close(exponentials.data(), expected);
      if (stored_bytes != 0) {
        const size_t stored = stored_bytes / sizeof(float);
        ASSERT_TRUE(is_close_sum_of_stored(sum, expected_sum, input, stored, estimate));
      } else {
        ASSERT_EQ(sum, 0.0);
      }
    }
    expect_product(row.output, input, row.factor);
  }
};

struct vscaleexpminusmax_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  static void check(xnnx_f32_vscaleexpminusmax_fn kernel, const Row& row) {
    Floats expected(row.count);
    const float max = told_max(row);
    const float shift = shift_of(max_of(row));
    xnnx_f32_vscaleexpminusmax_reference(row.bytes(), row.input, expected.data(), row.factor, max, shift);
    kernel(row.bytes(), row.input, row.output, row.factor, max, shift);
    expect_close(row.output, expected, kMaxUlp, FLT_MIN);
  }
};

struct vmulc_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_vmulc_fn kernel, const Row& row) {
    const Floats input(row.input, row.input + row.count);
    kernel(row.bytes(), row.input, row.output, row.factor);
    expect_product(row.output, input, row.factor);
  }
};

struct vmulcstream_family : vmulc_family {};

struct raddextexp_family {
  static constexpr bool has_output = false;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_raddextexp_fn kernel, const Row& row) {
    struct xnnx_pair sum;
    struct xnnx_pair expected;
    // Of half of the rows, so that a kernel also tells that it needs one.
    const float shift = row.count % 2 == 0 ? shift_of(max_of(row)) : 0.0f;
    kernel(row.bytes(), row.input, &sum, shift);
    xnnx_f32_raddextexp_reference(row.bytes(), row.input, &expected, shift);
    const bool tells = !std::isfinite(sum.mantissa) || !xnnx_is_unshifted_exponent(sum.exponent);
    if (std::abs(max_of(row) - shift) > XNNX_EXP_LARGEST_DIRECT_ARGUMENT && tells) {
      return;
    }
    if (std::isnan(expected.mantissa)) {
      ASSERT_TRUE(std::isnan(sum.mantissa)) << sum.mantissa;
      return;
    }
    ASSERT_EQ(sum.exponent, std::rint(sum.exponent));
    const int exponent_difference = static_cast<int>(sum.exponent - expected.exponent);
    ASSERT_TRUE(is_close(std::ldexp(sum.mantissa, exponent_difference), expected.mantissa));
  }
};

struct vscaleextexp_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  static void check(xnnx_f32_vscaleextexp_fn kernel, const Row& row) {
    Floats expected(row.count);
    const float exponent = xnnx_exponent(told_max(row));
    const float shift = shift_of(max_of(row));
    xnnx_f32_vscaleextexp_reference(row.bytes(), row.input, expected.data(), row.factor, exponent, shift);
    kernel(row.bytes(), row.input, row.output, row.factor, exponent, shift);
    expect_close(row.output, expected, kMaxUlp, FLT_MIN);
  }
};

struct vscaleextexpstream_family : vscaleextexp_family {};

// The elements are taken for as few rows of equal length as their number and the tile allow.
struct softmaxrows_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_softmaxrows_fn kernel, const Row& elements) {
    size_t channels = std::min({elements.count, elements.tile, elements.most_channels});
    while (elements.count % channels != 0) {
      channels--;
    }
    const size_t row_count = elements.count / channels;
    const Floats input(elements.input, elements.input + elements.count);
    // Of the elements, so that all kernels are told either.
    const double scale_of_fully_masked = elements.count % 2 == 0 ? 0.0 : static_cast<double>(NAN);
    kernel(row_count, channels, elements.input, channels, elements.output, channels, scale_of_fully_masked);
    for (size_t row = 0; row < row_count; row++) {
      const float* row_input = &input[row * channels];
      const float* row_output = elements.output + row * channels;
      Floats expected(channels);
      xnnx_f32_softmaxrows_reference(1, channels, row_input, channels, expected.data(), channels, scale_of_fully_masked);
      ASSERT_NO_FATAL_FAILURE(expect_close(row_output, expected, kMaxUlpOfSoftmax, FLT_MIN))
          << "row " << row << " of " << row_count;
      Floats alone(channels);
      kernel(1, channels, row_input, channels, alone.data(), channels, scale_of_fully_masked);
      ASSERT_EQ(memcmp(row_output, alone.data(), channels * sizeof(float)), 0)
          << "not the bits that row " << row << " has alone, of " << row_count << " rows of " << channels << " channels";
    }
  }
};

struct KernelCase {
  const char* name;
  const char* family;
  enum xnnx_isa isa;
  size_t tile;
  bool has_output;
  bool shows_nan;
  bool takes_any_floats;
  void (*check)(const Row& row);
};

#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default)                                          \
  {#function,                                                                                                        \
   #family,                                                                                                          \
   xnnx_isa_##isa,                                                                                                   \
   tile,                                                                                                             \
   family##_family::has_output,                                                                                      \
   family##_family::shows_nan,                                                                                       \
   family##_family::takes_any_floats,                                                                                \
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
  static const char* const names[] = {
#define XNNX_ISA(name, is_present) #name,
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
  };
  return names[isa];
}
