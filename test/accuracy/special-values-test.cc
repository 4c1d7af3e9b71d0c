// Masks, NaN and infinities: every instruction set, every algorithm, wherever in a row they stand.

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "test/accuracy/distribution.h"
#include "test/accuracy/our-softmax.h"

namespace {

using xnnx_accuracy::Algorithm;
using Floats = std::vector<float>;

// From one element to a whole number of blocks of 8192 and one element more, so that there are tails of all kinds.
constexpr size_t kLengths[] = {1,  2,  3,  7,   8,   9,   15,  16,  17,   31,   33,
                               63, 64, 65, 100, 127, 129, 200, 300, 1000, 8192, 16385};

// Around the ends of vectors, tiles and blocks.
size_t next_position(size_t position)
{
  return position < 70 ? position + 1 : position + position / 3;
}

class SpecialValuesTest : public testing::TestWithParam<std::tuple<enum xnnx_isa, Algorithm>> {
 protected:
  void SetUp() override
  {
    if (!xnnx_accuracy::is_usable(std::get<0>(GetParam()))) {
      GTEST_SKIP() << "this processor has no " << xnnx_isa_name(std::get<0>(GetParam()));
    }
  }

  // Rows of equal length, one after the other.
  Floats softmax(const Floats& input, size_t channels, uint32_t flags = 0) const
  {
    Floats output(input.size(), 123.0f);
    run_our_softmax(
        {input.size() / channels, channels, input.data(), output.data(), /*threads=*/1}, std::get<0>(GetParam()),
        std::get<1>(GetParam()), flags);
    return output;
  }

  static Floats ordinary_row(size_t channels)
  {
    Floats row(channels);
    xnnx_accuracy::Distribution("uniform:-10:10").fill_row(/*row=*/0, channels, row.data());
    return row;
  }

  static bool all_nan(const Floats& row)
  {
    for (const float element : row) {
      if (!std::isnan(element)) {
        return false;
      }
    }
    return true;
  }

  // +0, not -0.
  static bool all_zero(const Floats& row)
  {
    for (const float element : row) {
      if (element != 0.0f || std::signbit(element)) {
        return false;
      }
    }
    return true;
  }
};

TEST_P(SpecialValuesTest, MaskedElementIsZero)
{
  for (const size_t channels : kLengths) {
    for (size_t position = 0; position < channels && channels > 1; position = next_position(position)) {
      Floats row = ordinary_row(channels);
      row[position] = -INFINITY;
      const Floats output = softmax(row, channels);
      for (size_t i = 0; i < channels; i++) {
        ASSERT_EQ(output[i] == 0.0f && !std::signbit(output[i]), i == position)
            << output[i] << " at " << i << " of " << channels << " with a mask at " << position;
      }
    }
  }
}

TEST_P(SpecialValuesTest, OnlyUnmaskedElementIsOne)
{
  for (const size_t channels : kLengths) {
    for (size_t position = 0; position < channels; position = next_position(position)) {
      for (const float value : {0.0f, -100.0f, 1e6f, -3e38f}) {
        Floats row(channels, -INFINITY);
        row[position] = value;
        Floats expected(channels, 0.0f);
        expected[position] = 1.0f;
        const Floats output = softmax(row, channels);
        // Equal bits, but for the last of the one.
        ASSERT_NEAR(output[position], 1.0f, 0x1p-23f) << value << " at " << position << " of " << channels;
        ASSERT_LE(output[position], 1.0f);
        expected[position] = output[position];
        ASSERT_EQ(output, expected) << value << " at " << position << " of " << channels;
      }
    }
  }
}

TEST_P(SpecialValuesTest, NanOrPlusInfinityMakesTheRowNan)
{
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const size_t channels : kLengths) {
    for (const float bad : {nan, -nan, INFINITY}) {
      for (size_t position = 0; position < channels; position = next_position(position)) {
        Floats row = ordinary_row(channels);
        row[position] = bad;
        ASSERT_TRUE(all_nan(softmax(row, channels))) << bad << " at " << position << " of " << channels;
        // Neither masks nor another infinity hide it.
        Floats masked(channels, -INFINITY);
        masked[position] = bad;
        ASSERT_TRUE(all_nan(softmax(masked, channels))) << bad << " at " << position << " of " << channels << " masks";
        Floats infinite(channels, INFINITY);
        infinite[position] = bad;
        ASSERT_TRUE(all_nan(softmax(infinite, channels))) << bad << " among infinities";
      }
    }
  }
}

TEST_P(SpecialValuesTest, FullyMaskedRow)
{
  for (const size_t channels : kLengths) {
    const Floats row(channels, -INFINITY);
    ASSERT_TRUE(all_nan(softmax(row, channels))) << channels;
    ASSERT_TRUE(all_zero(softmax(row, channels, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS))) << channels;
  }
}

TEST_P(SpecialValuesTest, ZeroFullyMaskedRowsNeverHidesNan)
{
  for (const size_t channels : kLengths) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), INFINITY}) {
      for (size_t position = 0; position < channels; position = next_position(position)) {
        Floats row(channels, -INFINITY);
        row[position] = bad;
        ASSERT_TRUE(all_nan(softmax(row, channels, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS)))
            << bad << " at " << position << " of " << channels;
      }
    }
  }
}

// Rows of all sorts in one batch: each comes out as it does alone, and the flag is for fully masked rows only.
TEST_P(SpecialValuesTest, RowsDoNotAffectEachOther)
{
  for (const size_t channels : {5, 16, 100, 1000, 5000}) {
    std::vector<Floats> rows(6, ordinary_row(channels));
    rows[1][channels / 2] = NAN;
    rows[2] = Floats(channels, -INFINITY);
    rows[3][channels - 1] = INFINITY;
    rows[4][0] = -INFINITY;
    rows[5][1] = 1e20f;
    Floats batch;
    for (const Floats& row : rows) {
      batch.insert(batch.end(), row.begin(), row.end());
    }
    for (const uint32_t flags : {0u, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS}) {
      const Floats output = softmax(batch, channels, flags);
      for (size_t row = 0; row < rows.size(); row++) {
        const Floats alone = softmax(rows[row], channels, row == 2 ? flags : 0);
        ASSERT_EQ(std::memcmp(alone.data(), &output[row * channels], channels * sizeof(float)), 0)
            << "row " << row << " of " << channels << " channels, flags " << flags;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All,
    SpecialValuesTest,
    testing::Combine(testing::ValuesIn(xnnx_accuracy::all_isas()), testing::ValuesIn(xnnx_accuracy::kAlgorithms)),
    [](const testing::TestParamInfo<SpecialValuesTest::ParamType>& info) {
      return std::string(xnnx_isa_name(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
    });

}  // namespace
