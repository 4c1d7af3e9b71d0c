// What the sums of docs/arithmetic.md lose, against exact ones of the same exponentials. Every kernel has their bits
// (kernel-test).

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "src/arithmetic/reference.h"

namespace {

// A term of two exponentials is one float: it is rounded once.
constexpr double kRoundedOnce = 1.001 * 0x1p-24;
// Where that is exact, sums lose nothing that matters.
constexpr double kCompensated = 0x1p-36;

using Sum = double (*)(size_t count, const float* input, struct xnnx_pair scale, float* output);

class ReferenceTest : public testing::Test {
 protected:
  float random_between(float lowest, float highest) {
    return std::uniform_real_distribution<float>(lowest, highest)(random_engine_);
  }

  // Relative to the exact sum.
  static double error_of(Sum sum_of, const std::vector<float>& x) {
    std::vector<float> exponentials(x.size());
    const struct xnnx_pair scale = xnnx_scale_reference(xnnx_max_reference(x.size(), x.data()));
    const double sum = sum_of(x.size(), x.data(), scale, exponentials.data());
    long double exact = 0.0L;
    for (const float y : exponentials) {
      exact += static_cast<long double>(y);
    }
    return static_cast<double>(std::abs(static_cast<long double>(sum) / exact - 1.0L));
  }

  std::mt19937 random_engine_;
};

// Few elements, all in one lane, so that rounding errors do not average out.
TEST_F(ReferenceTest, FloatsAreAddedOnce) {
  for (int trial = 0; trial < 3000; trial++) {
    std::vector<float> x(256, -INFINITY);
    for (size_t vector = 0; vector < 16; vector++) {
      x[16 * vector + 5] = vector < 4 ? random_between(-0.7f, 0.0f) : random_between(-20.0f, -10.0f);
    }
    ASSERT_LE(error_of(xnnx_block_sum_reference, x), kRoundedOnce) << "trial " << trial;
    ASSERT_LE(error_of(xnnx_short_row_sum_reference, x), kRoundedOnce) << "trial " << trial;
  }
}

// Two equal elements to a term, whose float sum is exact: of all sizes, in whole blocks and in parts of one.
TEST_F(ReferenceTest, TermsOfAnySizeAreCompensated) {
  for (const size_t count : {size_t{32}, size_t{480}, XNNX_BLOCK_ELEMENTS}) {
    for (int trial = 0; trial < 300; trial++) {
      const float spread = static_cast<float>(trial % 30);
      std::vector<float> x(count);
      for (size_t i = 0; i < count; i++) {
        x[i] = i / 16 % 2 == 1 ? x[i - 16] : random_between(-spread, 0.0f);
      }
      ASSERT_LE(error_of(xnnx_block_sum_reference, x), kCompensated) << "trial " << trial << ", " << count;
      ASSERT_LE(error_of(xnnx_short_row_sum_reference, x), kCompensated) << "trial " << trial << ", " << count;
    }
  }
}

TEST_F(ReferenceTest, ShiftsBeginWhereTheExponentialEnds) {
  EXPECT_EQ(xnnx_scale_reference(931.6f).shift, 0.0f);
  EXPECT_EQ(xnnx_scale_reference(931.7f).shift, 1024.0f);
  EXPECT_EQ(xnnx_scale_reference(-931.7f).shift, -1024.0f);
  EXPECT_EQ(xnnx_scale_reference(-INFINITY).shift, 0.0f);
  EXPECT_EQ(xnnx_scale_reference(INFINITY).shift, 0.0f);
  EXPECT_TRUE(std::isnan(xnnx_exponential_reference(INFINITY, xnnx_scale_reference(INFINITY).exponent)));
}

}  // namespace
