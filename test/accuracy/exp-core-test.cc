// The exponential of docs/arithmetic.md against exp in double precision, over floats of all sizes: every XNNX_STRIDEth one.
// Every kernel has its bits (kernel-test).
//
// It gives exp(x) / exp(exponent b / a) up to rounding; that factor and nothing else is common to all elements of a row. So
// what is measured here, in ULP, is all that the exponential adds to the error of a softmax.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>
#include <mpfr.h>

#include "src/arithmetic/reference.h"
#include "test/accuracy/exact-exp.h"
#include "test/accuracy/float-sweep.h"
#include "test/accuracy/ulp.h"

namespace {

// Half of an ULP is the last rounding, the rest those of the table and of the reduced argument; the polynomial's own error
// is a fortieth of an ULP.
constexpr double kMaxUlpOfExp = 0.8;

// What is smaller may be 0: it is below FLT_MIN beside a sum of at least 2.
const double kSmallestExp = std::sqrt(2.0) * static_cast<double>(FLT_MIN);

// By what b / a is not ln 2: XNNX_EXP_A and XNNX_EXP_B.
const double kLn2LessBOverA = XNNX_LN2 - static_cast<double>(XNNX_EXP_B) / static_cast<double>(XNNX_EXP_A);

// A few floats are enough to know where; all that fail would fill a disk.
constexpr int kMaxReports = 10;

// How far from the largest element of a run its maximum is: results from ordinary ones to underflow.
constexpr float kDistances[] = {0.0f, 1.0f, 20.0f, 60.0f, 80.0f, 87.0f, 100.0f};

class Measured {
 public:
  void record(float x, float result, double exact) {
    if (result == 0.0f && exact < kSmallestExp) {
      return;
    }
    const double error = xnnx_accuracy::ulp_error(result, exact);
    if (std::isnan(error) || error > largest_) {
      largest_ = error;
      x_ = x;
    }
    if (!(error <= kMaxUlpOfExp && result >= FLT_MIN) && reports_ < kMaxReports) {
      reports_++;
      ADD_FAILURE() << std::hexfloat << result << " instead of " << exact << " for " << x << std::defaultfloat
                    << ", an error of " << error << " ULP";
    }
  }

  ~Measured() { std::printf("[ MEASURED ] %.3f ULP, at %a\n", largest_, static_cast<double>(x_)); }

 private:
  double largest_ = 0.0;
  float x_ = 0.0f;
  int reports_ = 0;
};

TEST(ExpCoreTest, IsAccurate) {
  Measured measured;
  const auto check_run = [&](const float* values, size_t count) {
    const float largest_max = XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT;
    count = static_cast<size_t>(std::upper_bound(values, values + count, largest_max) - values);
    if (count == 0) {
      return;
    }
    const float distance = kDistances[(xnnx_accuracy::number_of(values[0]) / 4096) % std::size(kDistances)];
    const float max = std::clamp(values[count - 1] + distance, -largest_max, largest_max);
    const float exponent = xnnx_scale_reference(max).exponent;
    const double common_factor = std::exp(static_cast<double>(exponent) * kLn2LessBOverA);
    for (size_t i = 0; i < count; i++) {
      measured.record(
          values[i], xnnx_exponential_reference(values[i], exponent),
          xnnx_accuracy::exact_relative_exp(values[i], exponent) * common_factor);
    }
  };
  xnnx_accuracy::sweep_critical_floats(check_run);
  xnnx_accuracy::sweep_floats(XNNX_STRIDE, check_run);
}

// What is measured against is exact enough.
TEST(ExpCoreTest, ExactExpIsThatOfMpfr) {
  mpfr_t exact;
  mpfr_t exponent_times_ln2;
  mpfr_inits2(200, exact, exponent_times_ln2, nullptr);
  xnnx_accuracy::sweep_floats(1000003, [&](const float* values, size_t count) {
    for (size_t i = 0; i < count; i++) {
      if (std::abs(values[i]) > XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT) {
        continue;
      }
      const float exponent = xnnx_scale_reference(values[i] + kDistances[i % 5]).exponent;
      mpfr_const_log2(exponent_times_ln2, MPFR_RNDN);
      mpfr_mul_d(exponent_times_ln2, exponent_times_ln2, exponent, MPFR_RNDN);
      mpfr_set_flt(exact, values[i], MPFR_RNDN);
      mpfr_sub(exact, exact, exponent_times_ln2, MPFR_RNDN);
      mpfr_exp(exact, exact, MPFR_RNDN);
      const double expected = mpfr_get_d(exact, MPFR_RNDN);
      ASSERT_NEAR(xnnx_accuracy::exact_relative_exp(values[i], exponent), expected, 0x1p-44 * expected) << values[i];
    }
  });
  mpfr_clears(exact, exponent_times_ln2, nullptr);
}

TEST(ExpCoreTest, KeepsNan) {
  for (const float nan : xnnx_accuracy::some_nans()) {
    EXPECT_TRUE(std::isnan(xnnx_exponential_reference(nan, 0.0f)));
  }
}

TEST(ExpCoreTest, IsExactlyZeroForMasks) {
  for (const float exponent : {-1478.0f, -1.0f, 0.0f, 1343.0f}) {
    EXPECT_EQ(xnnx_exponential_reference(-INFINITY, exponent), 0.0f);
    EXPECT_EQ(xnnx_exponential_reference(-FLT_MAX, exponent), 0.0f);
  }
}

}  // namespace
