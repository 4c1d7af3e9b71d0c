// The arithmetic of merging: shifts, the ratio of two scales, sums of sums.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mpfr.h>

#include "src/arithmetic/reference.h"
#include "src/xnnx/sums.h"

namespace {

constexpr float kLargestUnshifted = 931.61145f;
constexpr float kStep = 1024.0f;

float up(float x) {
  return std::nextafter(x, INFINITY);
}

float down(float x) {
  return std::nextafter(x, -INFINITY);
}

// Every so many of all finite floats, ascending, and the neighbours of where something changes.
std::vector<float> ascending_floats() {
  std::vector<float> floats;
  for (uint32_t bits = 0; bits < 0x7F800000u; bits += 9973) {
    float x;
    memcpy(&x, &bits, sizeof(x));
    floats.insert(floats.end(), {x, -x});
  }
  for (const float x : {kLargestUnshifted, 1024.0f, 1536.0f, 2560.0f, 0x1p+33f, 0x1p+34f, FLT_MAX}) {
    floats.insert(floats.end(), {x, down(x), -x, -down(x)});
    if (x != FLT_MAX) {
      floats.insert(floats.end(), {up(x), -up(x)});
    }
  }
  std::sort(floats.begin(), floats.end());
  return floats;
}

TEST(ShiftOf, IsAMultipleOfTheStepNearTheMaximum) {
  for (const float max : ascending_floats()) {
    const float shift = xnnx_shift_of(max);
    ASSERT_TRUE(std::isfinite(shift)) << max;
    ASSERT_EQ(std::fmod(shift, kStep), 0.0f) << max;
    const double distance = std::abs(static_cast<double>(max) - static_cast<double>(shift));
    if (std::abs(max) <= kLargestUnshifted) {
      ASSERT_EQ(shift, 0.0f) << max;
    } else {
      ASSERT_LE(distance, 512.0) << max;
      ASSERT_EQ(static_cast<double>(max - shift), static_cast<double>(max) - static_cast<double>(shift)) << max;
    }
  }
}

TEST(ShiftOf, NeverFallsWhereTheMaximumGrows) {
  float last = -INFINITY;
  for (const float max : ascending_floats()) {
    ASSERT_GE(xnnx_shift_of(max), last) << max;
    last = xnnx_shift_of(max);
  }
}

TEST(ShiftOf, ChangesAtTheseMaxima) {
  for (const float sign : {1.0f, -1.0f}) {
    EXPECT_EQ(xnnx_shift_of(sign * kLargestUnshifted), 0.0f);
    EXPECT_EQ(xnnx_shift_of(sign * up(kLargestUnshifted)), sign * 1024.0f);
    EXPECT_EQ(xnnx_shift_of(sign * down(1536.0f)), sign * 1024.0f);
    EXPECT_EQ(xnnx_shift_of(sign * up(1536.0f)), sign * 2048.0f);
  }
  EXPECT_EQ(xnnx_shift_of(INFINITY), 0.0f);
  EXPECT_EQ(xnnx_shift_of(-INFINITY), 0.0f);
  EXPECT_EQ(xnnx_shift_of(NAN), 0.0f);
}

// Where a maximum is known only as rounded to a sixteenth, that tells whether there is a shift.
TEST(ShiftOf, IsKnownOfARoundedMaximum) {
  const auto sixteenth = [](float max) {
    return std::fma(max, XNNX_EXP_LOG2E, XNNX_ROUND_TO_SIXTEENTH) - XNNX_ROUND_TO_SIXTEENTH;
  };
  EXPECT_EQ(sixteenth(kLargestUnshifted), XNNX_EXP_LARGEST_UNSHIFTED_SIXTEENTH);
  EXPECT_GT(sixteenth(up(kLargestUnshifted)), XNNX_EXP_LARGEST_UNSHIFTED_SIXTEENTH);
  EXPECT_EQ(sixteenth(-kLargestUnshifted), -XNNX_EXP_LARGEST_UNSHIFTED_SIXTEENTH);
  EXPECT_LT(sixteenth(-up(kLargestUnshifted)), -XNNX_EXP_LARGEST_UNSHIFTED_SIXTEENTH);
}

// mantissa * 2^exponent * exp(shift - origin), far beyond what a double holds, and sums of such numbers. Shifts are as much
// shorter as the exponential takes all elements to be.
class BigNumber {
 public:
  BigNumber(struct xnnx_pair sum, float origin) {
    mpfr_inits2(kPrecision, value_, factor_, nullptr);
    mpfr_set_flt(value_, sum.shift, MPFR_RNDN);
    mpfr_sub_d(value_, value_, static_cast<double>(origin), MPFR_RNDN);
    mpfr_const_log2(factor_, MPFR_RNDN);
    mpfr_mul_d(factor_, factor_, static_cast<double>(XNNX_EXP_A), MPFR_RNDN);
    mpfr_div_d(factor_, factor_, static_cast<double>(XNNX_EXP_B), MPFR_RNDN);
    mpfr_mul(value_, value_, factor_, MPFR_RNDN);
    mpfr_exp(value_, value_, MPFR_RNDN);
    mpfr_mul_d(value_, value_, sum.mantissa, MPFR_RNDN);
    mpfr_mul_2si(value_, value_, static_cast<long>(sum.exponent), MPFR_RNDN);
  }
  ~BigNumber() { mpfr_clears(value_, factor_, nullptr); }
  BigNumber(const BigNumber&) = delete;
  BigNumber& operator=(const BigNumber&) = delete;

  void add(const BigNumber& other) { mpfr_add(value_, value_, other.value_, MPFR_RNDN); }

  // value / other, rounded to a double once.
  double divided_by(const BigNumber& other) {
    mpfr_div(factor_, value_, other.value_, MPFR_RNDN);
    return mpfr_get_d(factor_, MPFR_RNDN);
  }

 private:
  static constexpr mpfr_prec_t kPrecision = 400;
  mpfr_t value_;
  mpfr_t factor_;
};

// As of a block whose largest element is `max`.
struct xnnx_pair sum_of_block(float max, double mantissa = 1.0) {
  struct xnnx_pair sum = xnnx_scale_reference(max);
  sum.mantissa = mantissa;
  return sum;
}

// Beside each other, both sides of where shifts change, and far apart.
const float kMaxima[] = {
    0.0f,     0.5f,     -0.5f,    10.0f,    -200.0f,  200.0f,   500.0f,   -500.0f,  930.0f,   -930.0f,   931.6f,   -931.6f,
    932.0f,   -932.0f,  1000.0f,  1024.0f,  1124.0f,  -1024.0f, 1500.0f,  1535.0f,  -1535.0f, 1536.0f,   -1536.0f, 1537.0f,
    -1537.0f, 1700.0f,  2048.0f,  2559.0f,  2561.0f,  -2048.0f, 15000.0f, 15300.0f, -15000.f, 65536.0f,  -65536.f, 1e6f,
    1e8f,     -1e8f,    0x1p+33f, 0x1p+34f, 1e20f,    -1e20f,   1e30f,    FLT_MAX,  -FLT_MAX,
};

TEST(RatioOfScales, IsRight) {
  constexpr double max_error = 0x1p-51;
  const double nothing = std::exp(-static_cast<double>(kStep) / 2.0);
  size_t ratio_count = 0;
  for (const float max : kMaxima) {
    for (const float other_max : kMaxima) {
      const struct xnnx_pair a = sum_of_block(std::min(max, other_max));
      const struct xnnx_pair b = sum_of_block(std::max(max, other_max));
      // Which is larger is known to less than a step of exponents where the maxima are near each other; the smaller one
      // may have the larger scale by a little.
      for (const auto& [above, below] : {std::pair(b, a), std::pair(a, b)}) {
        const double expected = BigNumber(below, above.shift).divided_by(BigNumber(above, above.shift));
        if (expected > 1.0 / nothing) {
          continue;
        }
        const double ratio = xnnx_ratio_of_scales(below, above);
        // Exactly zero where nothing is left beside the sum.
        const double tolerance = expected < nothing ? nothing : expected * max_error;
        ASSERT_NEAR(ratio, expected, tolerance) << "of " << max << " and " << other_max;
        ratio_count += expected > nothing && expected != 1.0 && above.shift != below.shift;
      }
    }
  }
  EXPECT_GE(ratio_count, 20u) << "of different shifts, and not nothing";
}

TEST(RatioOfScales, OfNoTermsIsZero) {
  const struct xnnx_pair nothing = sum_of_block(1100.0f, /*mantissa=*/0.0);
  EXPECT_EQ(xnnx_ratio_of_scales(nothing, sum_of_block(1.0f)), 0.0);
  EXPECT_EQ(xnnx_ratio_of_scales(nothing, nothing), 0.0);
}

struct xnnx_pair added(const std::vector<struct xnnx_pair>& sums) {
  return xnnx_add_sums(sums.data(), sums.size());
}

void expect_sum(const std::vector<struct xnnx_pair>& sums) {
  const struct xnnx_pair total = added(sums);
  const float origin = total.shift;
  BigNumber expected(sums[0], origin);
  for (size_t i = 1; i < sums.size(); i++) {
    expected.add(BigNumber(sums[i], origin));
  }
  ASSERT_EQ(total.exponent, std::rint(total.exponent));
  ASSERT_NEAR(BigNumber(total, origin).divided_by(expected), 1.0, 1e-15);
}

TEST(AddSums, OfTwoInAnyOrder) {
  for (const float max : kMaxima) {
    for (const float other_max : kMaxima) {
      ASSERT_NO_FATAL_FAILURE(expect_sum({sum_of_block(max, 1.25), sum_of_block(other_max, 8000.0)}))
          << max << " and " << other_max;
    }
  }
}

// Each total is the same to a few roundings, whichever sum comes first.
TEST(AddSums, OfSeveralInAnyOrder) {
  const std::vector<std::vector<float>> rows = {
      {920.0f, 931.0f, 932.0f, 940.0f, 880.0f},
      {-920.0f, -931.0f, -932.0f, -940.0f, -1400.0f},
      {1520.0f, 1535.0f, 1537.0f, 1540.0f, -1536.0f},
      {-1520.0f, -1535.0f, -1537.0f, -1540.0f, -1e30f},
      {1.0f, 0.0f, -FLT_MAX, -1e30f, -1100.0f},
      {1e30f, 0.0f, 1100.0f, -FLT_MAX, 1e30f},
  };
  for (std::vector<float> maxima : rows) {
    std::sort(maxima.begin(), maxima.end());
    do {
      std::vector<struct xnnx_pair> sums;
      for (const float max : maxima) {
        sums.push_back(sum_of_block(max, 1.0 + static_cast<double>(sums.size())));
      }
      ASSERT_NO_FATAL_FAILURE(expect_sum(sums)) << maxima[0] << ", " << maxima[1] << ", " << maxima[2];
    } while (std::next_permutation(maxima.begin(), maxima.end()));
  }
}

// A block of nothing but masks has some scale, which is nothing to the others.
TEST(AddSums, ZerosAreNothing) {
  for (const float scale_of_zero : kMaxima) {
    const struct xnnx_pair zero = sum_of_block(scale_of_zero, /*mantissa=*/0.0);
    EXPECT_EQ(added({zero, zero}).mantissa, 0.0);
    for (const float max : kMaxima) {
      const struct xnnx_pair sum = sum_of_block(max, 3.0);
      for (const std::vector<struct xnnx_pair>& sums :
           {std::vector{sum, zero}, std::vector{zero, sum}, std::vector{zero, sum, zero}}) {
        const struct xnnx_pair total = added(sums);
        ASSERT_EQ(total.mantissa, 3.0) << scale_of_zero << " and " << max;
        ASSERT_EQ(total.exponent, sum.exponent) << scale_of_zero << " and " << max;
        ASSERT_EQ(total.shift, sum.shift) << scale_of_zero << " and " << max;
      }
    }
  }
}

TEST(AddSums, NanWinsWhereverItIs) {
  const struct xnnx_pair nan = {static_cast<double>(NAN), 0.0f, 0.0f};
  for (const float max : kMaxima) {
    const struct xnnx_pair sum = sum_of_block(max);
    const struct xnnx_pair zero = sum_of_block(max, 0.0);
    for (const struct xnnx_pair& other : {sum, zero}) {
      EXPECT_TRUE(std::isnan(added({nan, other}).mantissa)) << max;
      EXPECT_TRUE(std::isnan(added({other, nan}).mantissa)) << max;
      EXPECT_TRUE(std::isnan(added({other, other, nan, other}).mantissa)) << max;
    }
  }
}

}  // namespace
