// Every kernel of the table against the reference of its family (test/kernel-checks.h), on inputs made for its loops.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test/guarded-buffer.h"
#include "test/kernel-checks.h"

namespace {

template <typename Predicate>
std::vector<KernelCase> cases_where(const Predicate& predicate) {
  std::vector<KernelCase> result;
  std::copy_if(std::begin(kKernelCases), std::end(kKernelCases), std::back_inserter(result), predicate);
  return result;
}

std::vector<KernelCase> cases_with(bool KernelCase::*property) {
  return cases_where([property](const KernelCase& kernel) { return kernel.*property; });
}

std::vector<KernelCase> cases_of_family(const std::string& family) {
  return cases_where([&family](const KernelCase& kernel) { return kernel.family == family; });
}

std::string case_name(const testing::TestParamInfo<KernelCase>& info) {
  return info.param.name;
}

// More than a vector of any instruction set here, so that a row of a tile and this has a tail.
constexpr size_t kMoreThanVector = 19;

class KernelTest : public testing::TestWithParam<KernelCase> {
 protected:
  void SetUp() override {
    if (!is_present(GetParam().isa)) {
      GTEST_SKIP() << "this processor has no " << isa_name(GetParam().isa);
    }
  }

  size_t tile() const { return GetParam().tile; }

  double factor_ = 1.0 / 3.0;

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
    GetParam().check({input, output, floats.size(), tile(), factor_});
    ASSERT_EQ(memcmp(input, floats.data(), floats.size() * sizeof(float)), 0) << "the input was written";
    ASSERT_TRUE(input_buffer_.is_untouched_outside_row()) << "around the input, " << floats.size() << " elements";
    ASSERT_TRUE(output_buffer_.is_untouched_outside_row()) << "around the output, " << floats.size() << " elements";
  }

  void check_in_place_at(const Floats& floats, float* row) {
    memcpy(row, floats.data(), floats.size() * sizeof(float));
    GetParam().check({row, row, floats.size(), tile(), factor_});
    ASSERT_TRUE(input_buffer_.is_untouched_outside_row()) << "around the row, " << floats.size() << " elements";
  }

  std::mt19937 random_engine_;
  // Some blocks, the last one of which is a part.
  static constexpr size_t kMostElements = 5 * XNNX_BLOCK_ELEMENTS;

  GuardedBuffer input_buffer_{kMostElements};
  GuardedBuffer output_buffer_{kMostElements};
};

TEST_P(KernelTest, EveryCount) {
  for (size_t count = 1; count <= 5 * tile() + kMoreThanVector; count++) {
    // From two tiles on, only around the multiples of a large one.
    if (tile() <= 32 || count <= tile() + kMoreThanVector || (count + 1) % tile() <= 2) {
      ASSERT_NO_FATAL_FAILURE(check(random_floats(count, -10.0f, 10.0f))) << count << " elements";
    }
  }
}

// More blocks than one, with maxima of their own.
TEST_P(KernelTest, Blocks) {
  for (const size_t count : {XNNX_BLOCK_ELEMENTS - 1, XNNX_BLOCK_ELEMENTS, XNNX_BLOCK_ELEMENTS + 1,
                             2 * XNNX_BLOCK_ELEMENTS + 31, 4 * XNNX_BLOCK_ELEMENTS, 4 * XNNX_BLOCK_ELEMENTS + 1000}) {
    for (const float step : {0.0f, 3.0f, -3.0f, 200.0f, 70000.0f}) {
      Floats floats = random_floats(count, -10.0f, 10.0f);
      for (size_t i = 0; i < count; i++) {
        floats[i] += step * static_cast<float>(i / XNNX_BLOCK_ELEMENTS);
      }
      ASSERT_NO_FATAL_FAILURE(check(floats)) << count << " elements in steps of " << step;
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

// The maximum grows by more than an exponent can be off, element by element or tile by tile: sums that found theirs
// early must follow. Whatever step is the last one hides errors of those before.
TEST_P(KernelTest, Ascending) {
  for (const size_t count : {2 * tile(), 3 * tile(), 6 * tile() + kMoreThanVector}) {
    Floats floats(count);
    for (const size_t step_length : {size_t{1}, tile()}) {
      for (size_t i = 0; i < count; i++) {
        floats[i] = 25.0f * static_cast<float>(i / step_length) - 200.0f + 0.1f * static_cast<float>(i % 7);
      }
      ASSERT_NO_FATAL_FAILURE(check(floats)) << count << " elements in steps of " << step_length;
    }
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

// Those that need a shift.
TEST_P(KernelTest, Shifts) {
  for (const float offset : {-1e30f, -1e7f, -70000.0f, 70000.0f, 1e6f, 1e9f}) {
    const float spread = std::fmax(50.0f, std::abs(offset) * 1e-6f);
    const size_t count = tile() + kMoreThanVector;
    ASSERT_NO_FATAL_FAILURE(check(random_floats(count, offset - spread, offset + spread))) << offset;
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

TEST_P(KernelTest, Nan) {
  const size_t count = tile() + kMoreThanVector;
  for (size_t position = 0; position < count; position++) {
    Floats floats = random_floats(count, -10.0f, 10.0f);
    floats[position] = NAN;
    ASSERT_NO_FATAL_FAILURE(check(floats)) << "at " << position;
  }
}

TEST_P(KernelTest, BeyondTheLargestDirectArgument) {
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

// 1 / sum and a block's scale beside the row's; those of blocks that are next to nothing, and of rows that are NaN.
TEST_P(KernelTest, Factors) {
  const size_t count = tile() + kMoreThanVector;
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  for (const double factor :
       {1.0, 0.7, 1e-4 / 3.0, 0x1p-64, 0x1.fffffffp-66, 0x1.23456789p-90, 0x1p-90, 0x1.23456789p-91, 0x1p-300, 0.0, kNaN}) {
    factor_ = factor;
    ASSERT_NO_FATAL_FAILURE(check(random_floats(count, -80.0f, 5.0f))) << factor;
  }
}

// Rows beside each other, ordinary and rare ones at all places.
class RowsKernelTest : public KernelTest {
 protected:
  // All numbers of rows up to `most_rows`, so that there are several groups of those that are computed together, and rest.
  void check_some_rows(size_t most_rows, size_t channels) { check_rows(1 + 7 * channels % most_rows, channels); }

  void check_rows(size_t row_count, size_t channels) {
    constexpr float values[] = {NAN, INFINITY, 1e6f, FLT_MAX};
    const size_t count = row_count * channels;
    Floats floats = random_floats(count, -10.0f, 10.0f);
    for (size_t row = 0; row < row_count; row++) {
      const size_t kind = (channels + row) % 64;
      const float value = values[kind / 2 % 4];
      const auto row_begin = floats.begin() + row * channels;
      // Of each few rows one has a scale that none beside it may be given, and elements too small for its own.
      if (row % 3 == channels % 3) {
        std::transform(row_begin, row_begin + channels, row_begin, [](float x) { return 20.0f * x; });
      }
      if (kind >= 8) {
        continue;
      }
      if (kind % 2 == 0) {
        row_begin[13 * channels / 7 % channels] = value;
      } else {
        std::fill_n(row_begin, channels, -value);
      }
    }
    GuardedBuffer buffer(count);
    float* rows = buffer.row_before_guard(count);
    memcpy(rows, floats.data(), count * sizeof(float));
    Row all_rows{rows, rows, count, tile()};
    all_rows.most_channels = channels;
    ASSERT_NO_FATAL_FAILURE(GetParam().check(all_rows)) << row_count << " rows of " << channels << " channels";
    ASSERT_TRUE(buffer.is_untouched_outside_row()) << row_count << " rows of " << channels << " channels";
  }
};

TEST_P(RowsKernelTest, BesideEachOther) {
  for (size_t channels = 1; channels <= 700; channels++) {
    ASSERT_NO_FATAL_FAILURE(check_some_rows(/*most_rows=*/40, channels));
  }
}

// The narrowest ones with all of those numbers: their groups are pairs of rows.
TEST_P(RowsKernelTest, NarrowRowsBesideEachOther) {
  for (size_t channels = 1; channels <= 16; channels++) {
    for (size_t row_count = 1; row_count <= 70; row_count++) {
      ASSERT_NO_FATAL_FAILURE(check_rows(row_count, channels));
    }
  }
}

TEST_P(RowsKernelTest, LongRowsBesideEachOther) {
  for (size_t channels = 701; channels <= XNNX_CACHED_ROW_CHANNELS; channels += channels % 37 + 61) {
    ASSERT_NO_FATAL_FAILURE(check_some_rows(/*most_rows=*/5, channels));
  }
  for (size_t block = 1; block <= XNNX_CACHED_ROW_CHANNELS / XNNX_BLOCK_ELEMENTS; block++) {
    ASSERT_NO_FATAL_FAILURE(check_some_rows(/*most_rows=*/5, block * XNNX_BLOCK_ELEMENTS));
  }
}

INSTANTIATE_TEST_SUITE_P(All, RowsKernelTest, testing::ValuesIn(cases_of_family("softmaxrows")), case_name);

}  // namespace
