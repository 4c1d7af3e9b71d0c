// Every kernel of the table against the reference of its family. A family without a check here does not compile.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <cpuinfo.h>
#include <gtest/gtest.h>

#include "src/xnnx/isa.h"
#include "src/xnnx/kernels.h"
#include "src/xnnx/references.h"
#include "test/guarded-buffer.h"

namespace {

using Floats = std::vector<float>;

struct Row {
  const float* input;
  float* output;  // only of families that have one; may equal the input
  size_t count;
  size_t tile;  // of the kernel

  size_t bytes() const { return count * sizeof(float); }
};

testing::AssertionResult is_close(double actual, double expected, double relative_tolerance = 3e-6) {
  const double tolerance = std::fmax(relative_tolerance * std::abs(expected), FLT_MIN);
  if (std::isnan(expected) ? std::isnan(actual) : actual == expected || std::abs(actual - expected) <= tolerance) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << actual << " instead of " << expected;
}

void expect_close(const float* actual, const Floats& expected) {
  for (size_t i = 0; i < expected.size(); i++) {
    ASSERT_TRUE(is_close(actual[i], expected[i])) << "at " << i << " of " << expected.size();
  }
}

float max_of(const Row& row) {
  float max;
  xnnx_f32_rmax_reference(row.bytes(), row.input, &max);
  return max;
}

// What softmax would have, if all elements were equal.
double scale_of(const Row& row) {
  return 1.0 / static_cast<double>(row.count);
}

// Of each family: whether it has an output, whether a NaN in the row shows in its result, whether it takes floats
// without any limit, and how a kernel is compared with the reference.

struct rmax_family {
  static constexpr bool has_output = false;
  static constexpr bool shows_nan = false;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_rmax_fn kernel, const Row& row) {
    float max;
    kernel(row.bytes(), row.input, &max);
    ASSERT_EQ(max, max_of(row));
  }
};

struct raddexpminusmax_family {
  static constexpr bool has_output = false;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  static void check(xnnx_f32_raddexpminusmax_fn kernel, const Row& row) {
    double sum;
    double expected_sum;
    xnnx_f32_raddexpminusmax_reference(row.bytes(), row.input, &expected_sum, max_of(row));
    kernel(row.bytes(), row.input, &sum, max_of(row));
    ASSERT_TRUE(is_close(sum, expected_sum));
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
    const float max = max_of(row);
    xnnx_f32_raddstoreexpminusmax_reference(row.bytes(), row.input, expected.data(), &expected_sum, max);
    kernel(row.bytes(), row.input, row.output, &sum, max);
    ASSERT_TRUE(is_close(sum, expected_sum));
    expect_close(row.output, expected);
  }
};

struct vscaleexpminusmax_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  static void check(xnnx_f32_vscaleexpminusmax_fn kernel, const Row& row) {
    Floats expected(row.count);
    const float max = max_of(row);
    xnnx_f32_vscaleexpminusmax_reference(row.bytes(), row.input, expected.data(), scale_of(row), max);
    kernel(row.bytes(), row.input, row.output, scale_of(row), max);
    expect_close(row.output, expected);
  }
};

struct vmulc_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = false;

  // The product is rounded once, to half a unit in the last place: a multiplier rounded to float would show.
  static void check(xnnx_f32_vmulc_fn kernel, const Row& row) {
    const Floats input(row.input, row.input + row.count);
    Floats expected(row.count);
    const double multiplier = 1.0 / 3.0;
    xnnx_f32_vmulc_reference(row.bytes(), row.input, expected.data(), multiplier);
    kernel(row.bytes(), row.input, row.output, multiplier);
    for (size_t i = 0; i < row.count; i++) {
      if (!std::isinf(input[i])) {
        ASSERT_TRUE(is_close(row.output[i], expected[i], FLT_EPSILON)) << "at " << i << " of " << row.count;
        ASSERT_TRUE(is_close(row.output[i], input[i] * multiplier, 0x1.0001p-24)) << "at " << i << " of " << row.count;
      }
    }
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
    kernel(row.bytes(), row.input, &sum);
    xnnx_f32_raddextexp_reference(row.bytes(), row.input, &expected);
    if (std::abs(max_of(row)) > XNNX_EXP_LARGEST_DIRECT_ARGUMENT) {
      const bool tells = !std::isfinite(sum.mantissa) || !xnnx_is_direct_exponent(sum.exponent);
      ASSERT_TRUE(tells) << sum.mantissa << " * 2^" << sum.exponent << " looks ordinary";
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
    // The exponent of the largest element, as in a row, or somewhat above, as in a block of a larger row.
    const float exponent = xnnx_exponent(max_of(row)) + static_cast<float>(row.count % 3);
    xnnx_f32_vscaleextexp_reference(row.bytes(), row.input, expected.data(), scale_of(row), exponent);
    kernel(row.bytes(), row.input, row.output, scale_of(row), exponent);
    expect_close(row.output, expected);
  }
};

struct vscaleextexpstream_family : vscaleextexp_family {};

// The elements are taken for as few rows of equal length as their number and the tile allow.
struct softmaxrows_family {
  static constexpr bool has_output = true;
  static constexpr bool shows_nan = true;
  static constexpr bool takes_any_floats = true;

  static void check(xnnx_f32_softmaxrows_fn kernel, const Row& elements) {
    size_t channels = std::min(elements.count, elements.tile);
    while (elements.count % channels != 0) {
      channels--;
    }
    const size_t row_count = elements.count / channels;
    const Floats input(elements.input, elements.input + elements.count);
    size_t row = 0;
    while (row < row_count) {
      const size_t start = row * channels;
      size_t computed_rows;
      kernel(
          row_count - row, channels, elements.input + start, channels, elements.output + start, channels,
          &computed_rows);
      ASSERT_LE(computed_rows, row_count - row);
      const size_t end = start + computed_rows * channels;
      for (size_t computed = start; computed < end; computed += channels) {
        Floats expected(channels);
        size_t expected_rows;
        xnnx_f32_softmaxrows_reference(1, channels, &input[computed], 0, expected.data(), 0, &expected_rows);
        ASSERT_EQ(expected_rows, 1u) << "a row was not refused, " << computed / channels << " of " << row_count;
        ASSERT_NO_FATAL_FAILURE(expect_close(elements.output + computed, expected));
      }
      row += computed_rows;
      if (row < row_count) {
        const bool may_be_refused =
            !(std::abs(max_of({&input[end], nullptr, channels, 0})) <= XNNX_EXP_LARGEST_DIRECT_ARGUMENT) ||
            std::any_of(&input[end], &input[end] + channels, [](float x) { return std::isnan(x); });
        ASSERT_TRUE(may_be_refused) << "row " << row << " of " << row_count << " rows of " << channels << " channels";
        ASSERT_EQ(memcmp(elements.input + end, &input[end], channels * sizeof(float)), 0) << "refused, but written";
        row++;
      }
    }
  }
};

struct KernelCase {
  const char* name;
  enum xnnx_isa isa;
  size_t tile;
  bool has_output;
  bool shows_nan;
  bool takes_any_floats;
  void (*check)(const Row& row);
};

#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default)                                          \
  {#function,                                                                                                        \
   xnnx_isa_##isa,                                                                                                   \
   tile,                                                                                                             \
   family##_family::has_output,                                                                                      \
   family##_family::shows_nan,                                                                                       \
   family##_family::takes_any_floats,                                                                                \
   [](const Row& row) { family##_family::check(function, row); }},
const KernelCase kKernelCases[] = {
#include "src/xnnx/gen/kernels.inc"
};
#undef XNNX_UKERNEL

std::vector<KernelCase> cases_with(bool KernelCase::*property) {
  std::vector<KernelCase> result;
  for (const KernelCase& kernel : kKernelCases) {
    if (kernel.*property) {
      result.push_back(kernel);
    }
  }
  return result;
}

std::string case_name(const testing::TestParamInfo<KernelCase>& info) {
  return info.param.name;
}

bool is_present(enum xnnx_isa isa) {
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

const char* isa_name(enum xnnx_isa isa) {
  static const char* const names[] = {
#define XNNX_ISA(name, is_present) #name,
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
  };
  return names[isa];
}

// More than a vector of any instruction set here, so that a row of a tile and this has a tail.
constexpr size_t kMoreThanVector = 19;

class KernelTest : public testing::TestWithParam<KernelCase> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cpuinfo_initialize());
    if (!is_present(GetParam().isa)) {
      GTEST_SKIP() << "this processor has no " << isa_name(GetParam().isa);
    }
  }

  size_t tile() const { return GetParam().tile; }

  Floats random_floats(size_t count, float lowest, float highest) {
    Floats floats(count);
    for (float& element : floats) {
      element = std::uniform_real_distribution<float>(lowest, highest)(random_engine_);
    }
    return floats;
  }

  // Compares with the reference, with the rows flush against the guard page before them and then the one behind them.
  void check(const Floats& floats, size_t input_floats_from_guard = 0, size_t output_floats_from_guard = 0) {
    const size_t count = floats.size();
    check_at(floats, input_buffer_.row_after_guard(count, input_floats_from_guard),
             output_buffer_.row_after_guard(count, output_floats_from_guard));
    check_at(floats, input_buffer_.row_before_guard(count, input_floats_from_guard),
             output_buffer_.row_before_guard(count, output_floats_from_guard));
  }

  void check_in_place(const Floats& floats) {
    check_in_place_at(floats, input_buffer_.row_after_guard(floats.size()));
    check_in_place_at(floats, input_buffer_.row_before_guard(floats.size()));
  }

 private:
  void check_at(const Floats& floats, float* input, float* output) {
    memcpy(input, floats.data(), floats.size() * sizeof(float));
    GetParam().check({input, output, floats.size(), tile()});
    ASSERT_EQ(memcmp(input, floats.data(), floats.size() * sizeof(float)), 0) << "the input was written";
    ASSERT_TRUE(input_buffer_.is_untouched_outside_row()) << "around the input, " << floats.size() << " elements";
    ASSERT_TRUE(output_buffer_.is_untouched_outside_row()) << "around the output, " << floats.size() << " elements";
  }

  void check_in_place_at(const Floats& floats, float* row) {
    memcpy(row, floats.data(), floats.size() * sizeof(float));
    GetParam().check({row, row, floats.size(), tile()});
    ASSERT_TRUE(input_buffer_.is_untouched_outside_row()) << "around the row, " << floats.size() << " elements";
  }

  std::mt19937 random_engine_;
  GuardedBuffer input_buffer_{6 * GetParam().tile + 64};
  GuardedBuffer output_buffer_{6 * GetParam().tile + 64};
};

TEST_P(KernelTest, EveryCount) {
  for (size_t count = 1; count <= 5 * tile() + kMoreThanVector; count++) {
    // From two tiles on, only around the multiples of a large one.
    if (tile() <= 32 || count <= tile() + kMoreThanVector || (count + 1) % tile() <= 2) {
      ASSERT_NO_FATAL_FAILURE(check(random_floats(count, -10.0f, 10.0f))) << count << " elements";
    }
  }
}

TEST_P(KernelTest, UnalignedPointers) {
  const size_t count = tile() + kMoreThanVector;
  for (size_t floats_from_guard = 0; floats_from_guard < 16; floats_from_guard++) {
    const Floats floats = random_floats(count, -10.0f, 10.0f);
    ASSERT_NO_FATAL_FAILURE(check(floats, floats_from_guard, 0));
    ASSERT_NO_FATAL_FAILURE(check(floats, 0, floats_from_guard));
    ASSERT_NO_FATAL_FAILURE(check(floats, floats_from_guard, 16 - floats_from_guard));
  }
}

// Most exponentials are below FLT_MIN relative to the largest.
TEST_P(KernelTest, WideRange) {
  for (size_t count = tile(); count <= tile() + kMoreThanVector; count++) {
    ASSERT_NO_FATAL_FAILURE(check(random_floats(count, -120.0f, 5.0f))) << count << " elements";
    ASSERT_NO_FATAL_FAILURE(check(random_floats(count, -60000.0f, 60000.0f))) << count << " elements";
  }
}

TEST_P(KernelTest, LargeMagnitudes) {
  for (const float offset : {-65000.0f, -1000.0f, 1000.0f, 65000.0f}) {
    ASSERT_NO_FATAL_FAILURE(check(random_floats(tile() + kMoreThanVector, offset - 500.0f, offset + 500.0f))) << offset;
  }
}

// One mask at every position in turn, and masks at all other positions.
TEST_P(KernelTest, Masks) {
  const size_t count = tile() + kMoreThanVector;
  const Floats floats = random_floats(count, -10.0f, 10.0f);
  for (const float mask : {-1e4f, -1e9f, -1e30f, -FLT_MAX, -INFINITY}) {
    for (size_t position = 0; position < count; position++) {
      Floats one_mask = floats;
      one_mask[position] = mask;
      ASSERT_NO_FATAL_FAILURE(check(one_mask)) << mask << " at " << position;
      Floats other_masks(count, mask);
      other_masks[position] = floats[position];
      ASSERT_NO_FATAL_FAILURE(check(other_masks)) << mask << " everywhere but at " << position;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelTest, testing::ValuesIn(kKernelCases), case_name);

using KernelWithOutputTest = KernelTest;

TEST_P(KernelWithOutputTest, InPlace) {
  for (size_t count = 1; count <= 2 * tile() + kMoreThanVector; count++) {
    ASSERT_NO_FATAL_FAILURE(check_in_place(random_floats(count, -10.0f, 10.0f))) << count << " elements";
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelWithOutputTest, testing::ValuesIn(cases_with(&KernelCase::has_output)), case_name);

using KernelShowingNanTest = KernelTest;

TEST_P(KernelShowingNanTest, Nan) {
  const size_t count = tile() + kMoreThanVector;
  for (size_t position = 0; position < count; position++) {
    Floats floats = random_floats(count, -10.0f, 10.0f);
    floats[position] = NAN;
    ASSERT_NO_FATAL_FAILURE(check(floats)) << "at " << position;
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelShowingNanTest, testing::ValuesIn(cases_with(&KernelCase::shows_nan)), case_name);

using KernelOnAnyFloatsTest = KernelTest;

TEST_P(KernelOnAnyFloatsTest, BeyondTheLargestDirectArgument) {
  const size_t count = tile() + kMoreThanVector;
  for (const float value : {65600.0f, 1e8f, 1e30f, FLT_MAX, INFINITY}) {
    for (size_t position = 0; position < count; position++) {
      Floats floats = random_floats(count, -10.0f, 10.0f);
      floats[position] = value;
      ASSERT_NO_FATAL_FAILURE(check(floats)) << value << " at " << position;
    }
    ASSERT_NO_FATAL_FAILURE(check(Floats(count, value))) << value;
    ASSERT_NO_FATAL_FAILURE(check(Floats(count, -value))) << -value;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, KernelOnAnyFloatsTest, testing::ValuesIn(cases_with(&KernelCase::takes_any_floats)), case_name);

}  // namespace
