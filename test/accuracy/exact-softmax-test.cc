// The reference against MPFR, with 200 bits.

#include "test/accuracy/exact-softmax.h"

#include <algorithm>
#include <cfloat>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mpfr.h>

#include "test/accuracy/distribution.h"
#include "test/accuracy/ulp.h"

namespace {

using xnnx_accuracy::Distribution;
using xnnx_accuracy::ExactSoftmax;
using xnnx_accuracy::kExactSoftmaxError;

constexpr mpfr_prec_t kPrecision = 200;

class Mpfr {
 public:
  Mpfr() { mpfr_init2(number_, kPrecision); }
  Mpfr(const Mpfr&) = delete;
  Mpfr& operator=(const Mpfr&) = delete;
  ~Mpfr() { mpfr_clear(number_); }

  mpfr_ptr get() { return number_; }
  mpfr_srcptr get() const { return number_; }

 private:
  mpfr_t number_;
};

// exp(x - max) / sum, where 300 bits hold x - max exactly for all floats that matter to each other.
class MpfrSoftmax {
 public:
  MpfrSoftmax(const float* row, size_t count) : max_(*std::max_element(row, row + count))
  {
    mpfr_set_zero(sum_.get(), 1);
    Mpfr term;
    for (size_t i = 0; i < count; i++) {
      set_exp_minus_max(&term, row[i]);
      mpfr_add(sum_.get(), sum_.get(), term.get(), MPFR_RNDN);
    }
  }

  void set_softmax(Mpfr* result, float x) const
  {
    set_exp_minus_max(result, x);
    mpfr_div(result->get(), result->get(), sum_.get(), MPFR_RNDN);
  }

 private:
  void set_exp_minus_max(Mpfr* result, float x) const
  {
    mpfr_t difference;
    mpfr_init2(difference, 300);
    mpfr_set_flt(difference, x, MPFR_RNDN);
    mpfr_sub_d(difference, difference, max_, MPFR_RNDN);
    mpfr_exp(result->get(), difference, MPFR_RNDN);
    mpfr_clear(difference);
  }

  float max_;
  Mpfr sum_;
};

// In units of kExactSoftmaxError.
double error_of(double computed, const Mpfr& exact)
{
  Mpfr difference;
  mpfr_sub_d(difference.get(), exact.get(), computed, MPFR_RNDN);
  const double unit = kExactSoftmaxError * std::max(mpfr_get_d(exact.get(), MPFR_RNDN), double{FLT_MIN});
  return std::abs(mpfr_get_d(difference.get(), MPFR_RNDN)) / unit;
}

void compare_with_mpfr(const std::string& distribution, uint64_t row, size_t count, size_t stride)
{
  std::vector<float> elements(count);
  Distribution(distribution).fill_row(row, count, elements.data());
  const ExactSoftmax exact(elements.data(), count);
  const MpfrSoftmax mpfr(elements.data(), count);
  Mpfr expected;
  for (size_t i = 0; i < count; i += stride) {
    mpfr.set_softmax(&expected, elements[i]);
    ASSERT_LE(error_of(exact.of(elements[i]), expected), 1.0)
        << distribution << ", row " << row << ", element " << i << " of " << count << ": " << elements[i];
  }
}

const std::vector<std::string> kDistributions = {
    "uniform:-10:10", "uniform:-100:0",  "uniform:-1000:1000", "normal:0:1",        "normal:0:20",  "lognormal:0:10",
    "offset:1e6",     "offset:-4e6",     "constant:1e20",      "near:1e8",          "sorted:-87:0", "onehot:88",
    "geometric",      "mask:-1e9",       "mask:-inf",          "mask:-3.4028235e38", "denormal",    "any-finite",
    "two-levels:3e38:-3e38", "comb:8",
};

TEST(ExactSoftmaxTest, IsComparedOnEveryKind)
{
  EXPECT_EQ(Distribution::kinds_not_among(kDistributions), std::vector<std::string>());
}

TEST(ExactSoftmaxTest, AgreesWithMpfrOnShortRows)
{
  for (const std::string& distribution : kDistributions) {
    for (const size_t count : {1, 2, 3, 15, 100, 1000}) {
      for (uint64_t row = 0; row < 3; row++) {
        ASSERT_NO_FATAL_FAILURE(compare_with_mpfr(distribution, row, count, /*stride=*/1));
      }
    }
  }
}

TEST(ExactSoftmaxTest, AgreesWithMpfrOnLongRows)
{
  for (const char* distribution : {"uniform:-10:10", "normal:0:20", "constant:0"}) {
    ASSERT_NO_FATAL_FAILURE(compare_with_mpfr(distribution, /*row=*/0, /*count=*/300007, /*stride=*/997));
  }
}

// A sum of 2^27 equal terms, where a plain sum in float would stop at 2^24 and the exact result is known without MPFR.
TEST(ExactSoftmaxTest, SumsManyTerms)
{
  const size_t count = (size_t{1} << 27) + 3;
  const std::vector<float> elements(count, -3.7f);
  const ExactSoftmax exact(elements.data(), count);
  EXPECT_NEAR(exact.of(-3.7f) * static_cast<double>(count), 1.0, 0x1p-50);
}

TEST(UlpTest, IsTheDistanceOfTheFloatsAround)
{
  EXPECT_EQ(xnnx_accuracy::ulp_of(1.0), FLT_EPSILON);
  EXPECT_EQ(xnnx_accuracy::ulp_of(1.999999999), FLT_EPSILON);
  EXPECT_EQ(xnnx_accuracy::ulp_of(0.999999999), FLT_EPSILON / 2);
  EXPECT_EQ(xnnx_accuracy::ulp_of(FLT_MIN), std::nextafter(0.0f, 1.0f));
  EXPECT_EQ(xnnx_accuracy::ulp_error(std::nextafter(0.3f, 1.0f), 0.3f), 1.0);
  EXPECT_LE(xnnx_accuracy::ulp_error(0.1f, 0.1), 0.5);
}

}  // namespace
