// The exponential inside every kernel against exp in double precision, over floats of all sizes.
//
// A kernel gives exp(x) / 2^exponent up to rounding; that factor and nothing else is common to all elements of a row.
// So what is measured here, in ULP, is all that the exponential adds to the error of a softmax.
//
// Kernels that are defaults and store every exponential are given every XNNX_STRIDE_OF_DEFAULTSth float, with 1 all of
// them; the rest, which share the exponential with these, every XNNX_STRIDE_OF_OTHERSth.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/xnnx/isa.h"
#include "src/xnnx/kernels.h"
#include "test/accuracy/compensated-sum.h"
#include "test/accuracy/contract.h"
#include "test/accuracy/exact-exp.h"
#include "test/accuracy/float-sweep.h"
#include "test/accuracy/our-softmax.h"
#include "test/accuracy/ulp.h"

namespace {

using xnnx_accuracy::CompensatedSum;
using xnnx_accuracy::exact_relative_exp;
using xnnx_accuracy::ulp_error;
using xnnx_accuracy::ulp_of;

// Over all floats it is 0.95: half of an ULP is the last rounding, the rest those of the reduced argument and of the
// polynomial, whose own error is a twentieth of an ULP.
constexpr double kMaxUlpOfExp = 1.0;
// Of a sum, relative to that of the stored terms, or to a number that is nothing beside the whole row's sum, above 1.
constexpr double kMaxSummationError = 0x1p-23;
constexpr double kSmallestSum = 0x1p-100;
// In a softmax the estimate is that of an element; here it may be far above all.
constexpr double kSmallestSumOfEstimate = 1.0;

// A few floats are enough to know where; all that fail would fill a disk.
constexpr int kMaxReports = 10;

// How far from the largest element of a run its maximum or exponent is given: results from ordinary ones to underflow.
constexpr float kDistances[] = {0.0f, 1.0f, 20.0f, 60.0f, 80.0f, 87.0f, 100.0f};

class Measured {
 public:
  void record(double error, double limit, float x, double result, double exact)
  {
    if (std::isnan(error) || error > largest_) {
      largest_ = error;
      x_ = x;
    }
    if (!(error <= limit) && reports_ < kMaxReports) {
      reports_++;
      ADD_FAILURE() << std::hexfloat << result << " instead of " << exact << " for " << x << std::defaultfloat
                    << ", an error of " << error << ", at most " << limit << " is allowed";
    }
  }

  void print(const char* kernel, const char* unit) const
  {
    std::printf("[ MEASURED ] %s: %.3f %s, at %a\n", kernel, largest_, unit, static_cast<double>(x_));
  }

 private:
  double largest_ = 0.0;
  float x_ = 0.0f;
  int reports_ = 0;
};

// An exponential before it is divided by a sum, which is above 1: kernels.h lets it be less exact already below twice
// FLT_MIN.
constexpr double kSmallestExactExp = 2.0 * static_cast<double>(FLT_MIN);

// As the contract has it: in ULP, and below FLT_MIN in units of FLT_MIN.
void record_result(
    Measured* measured, float x, float result, double exact, double max_ulp = kMaxUlpOfExp,
    double smallest_exact = FLT_MIN)
{
  if (exact >= smallest_exact) {
    measured->record(ulp_error(result, exact), max_ulp, x, result, exact);
  } else if (!(std::abs(result - exact) <= FLT_MIN)) {
    ADD_FAILURE() << result << " instead of " << exact << " for " << x;
  }
}

// A run of ascending floats for kernels that know the maximum; the sweep's part that such kernels are made for.
class RunBelowMax {
 public:
  RunBelowMax(const float* values, size_t count, float largest_max = XNNX_EXP_LARGEST_DIRECT_ARGUMENT)
      : values_(values)
  {
    count_ = static_cast<size_t>(std::upper_bound(values, values + count, largest_max) - values);
    if (count_ != 0) {
      const float distance = kDistances[(xnnx_accuracy::number_of(values[0]) / 4096) % std::size(kDistances)];
      max_ = std::clamp(values[count_ - 1] + distance, -largest_max, largest_max);
    }
  }

  const float* values() const { return values_; }
  size_t count() const { return count_; }
  size_t bytes() const { return count_ * sizeof(float); }
  float max() const { return max_; }
  float largest() const { return values_[count_ - 1]; }
  float exponent() const { return xnnx_exponent(max_); }

  void record_results(
      Measured* measured, const std::vector<float>& results, double scale, double smallest_exact) const
  {
    for (size_t i = 0; i < count_; i++) {
      const double exact = exact_relative_exp(values_[i], exponent()) * scale;
      record_result(measured, values_[i], results[i], exact, kMaxUlpOfExp, smallest_exact);
    }
  }

 private:
  const float* values_;
  size_t count_;
  float max_ = 0.0f;
};

constexpr size_t kMaxRun = 4096;

// For the kernels that scale: a power of two, whose product needs no rounding, and small enough that no result is above
// 1.
constexpr double kScale = 0.25;

// A sum of the floats that were stored; its error may be as that of one of `smallest_sum`.
void check_sum(double sum, const RunBelowMax& run, const std::vector<float>& results, double smallest_sum)
{
  CompensatedSum expected;
  for (size_t i = 0; i < run.count(); i++) {
    expected.add(results[i]);
  }
  const double scale = std::max(expected.value(), smallest_sum);
  ASSERT_LE(std::abs(sum - expected.value()), kMaxSummationError * scale) << "from " << run.values()[0];
}

struct raddstoreexpminusmax_family {
  static constexpr bool stores_every_exp = true;
  static void check(xnnx_f32_raddstoreexpminusmax_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count);
    if (run.count() == 0) {
      return;
    }
    static std::vector<float> results(kMaxRun);
    double sum;
    kernel(run.bytes(), run.values(), results.data(), &sum, run.max(), run.largest(), /*shift=*/0.0f);
    run.record_results(measured, results, /*scale=*/1.0, kSmallestExactExp);
    check_sum(sum, run, results, kSmallestSum);
  }
  static bool gives_nan(xnnx_f32_raddstoreexpminusmax_fn kernel, float nan)
  {
    float result;
    double sum;
    kernel(sizeof(float), &nan, &result, &sum, /*max=*/0.0f, /*largest=*/0.0f, /*shift=*/0.0f);
    return std::isnan(result) && std::isnan(sum);
  }
};

struct raddstoreexpminusestimate_family {
  static constexpr bool stores_every_exp = true;
  static void check(xnnx_f32_raddstoreexpminusestimate_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT);
    if (run.count() == 0) {
      return;
    }
    static std::vector<float> results(kMaxRun);
    double sum;
    size_t stored_bytes;
    kernel(run.bytes(), run.values(), results.data(), &sum, run.max(), /*shift=*/0.0f, &stored_bytes, run.values());
    ASSERT_EQ(stored_bytes, run.bytes()) << "from " << values[0];
    run.record_results(measured, results, /*scale=*/1.0, kSmallestExactExp);
    check_sum(sum, run, results, kSmallestSumOfEstimate);
  }
  static bool gives_nan(xnnx_f32_raddstoreexpminusestimate_fn kernel, float nan)
  {
    float result;
    double sum;
    size_t stored_bytes;
    kernel(sizeof(float), &nan, &result, &sum, /*estimate=*/0.0f, /*shift=*/0.0f, &stored_bytes, &nan);
    return std::isnan(result) && std::isnan(sum);
  }
};

struct raddstoreexpminusestimatestream_family {
  static constexpr bool stores_every_exp = true;
  static void check(
      xnnx_f32_raddstoreexpminusestimatestream_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT);
    if (run.count() == 0) {
      return;
    }
    static std::vector<float> results(kMaxRun);
    static std::vector<float> beside(kMaxRun);
    double sum;
    size_t stored_bytes;
    kernel(
        run.bytes(), run.values(), results.data(), &sum, run.max(), /*shift=*/0.0f, &stored_bytes, run.values(), run.values(),
        beside.data(), kScale);
    ASSERT_EQ(stored_bytes, run.bytes()) << "from " << values[0];
    run.record_results(measured, results, /*scale=*/1.0, kSmallestExactExp);
    check_sum(sum, run, results, kSmallestSumOfEstimate);
  }
  static bool gives_nan(xnnx_f32_raddstoreexpminusestimatestream_fn kernel, float nan)
  {
    float result;
    float beside;
    double sum;
    size_t stored_bytes;
    kernel(
        sizeof(float), &nan, &result, &sum, /*estimate=*/0.0f, /*shift=*/0.0f, &stored_bytes, &nan, &nan, &beside, kScale);
    return std::isnan(result) && std::isnan(sum) && std::isnan(beside);
  }
};

struct vscaleexpminusmax_family {
  static constexpr bool stores_every_exp = true;
  static void check(xnnx_f32_vscaleexpminusmax_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count);
    if (run.count() == 0) {
      return;
    }
    static std::vector<float> results(kMaxRun);
    kernel(run.bytes(), run.values(), results.data(), kScale, run.max(), /*shift=*/0.0f);
    run.record_results(measured, results, kScale, /*smallest_exact=*/FLT_MIN);
  }
  static bool gives_nan(xnnx_f32_vscaleexpminusmax_fn kernel, float nan)
  {
    float result;
    kernel(sizeof(float), &nan, &result, kScale, /*max=*/0.0f, /*shift=*/0.0f);
    return std::isnan(result);
  }
};

struct vscaleextexp_family {
  static constexpr bool stores_every_exp = true;
  static void check(xnnx_f32_vscaleextexp_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count);
    if (run.count() == 0) {
      return;
    }
    static std::vector<float> results(kMaxRun);
    kernel(run.bytes(), run.values(), results.data(), kScale, run.exponent(), /*shift=*/0.0f);
    run.record_results(measured, results, kScale, /*smallest_exact=*/FLT_MIN);
  }
  static bool gives_nan(xnnx_f32_vscaleextexp_fn kernel, float nan)
  {
    float result;
    kernel(sizeof(float), &nan, &result, kScale, /*exponent=*/0.0f, /*shift=*/0.0f);
    return std::isnan(result);
  }
};

struct vscaleextexpstream_family : vscaleextexp_family {};

// Sums of one term.

struct raddexpminusmax_family {
  static constexpr bool stores_every_exp = false;
  static void check(xnnx_f32_raddexpminusmax_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count);
    for (size_t i = 0; i < run.count(); i++) {
      double sum;
      kernel(sizeof(float), &values[i], &sum, run.max(), values[i], /*shift=*/0.0f);
      const double exact = exact_relative_exp(values[i], run.exponent());
      record_result(measured, values[i], static_cast<float>(sum), exact, kMaxUlpOfExp, kSmallestExactExp);
    }
  }
  static bool gives_nan(xnnx_f32_raddexpminusmax_fn kernel, float nan)
  {
    double sum;
    kernel(sizeof(float), &nan, &sum, /*max=*/0.0f, /*largest=*/0.0f, /*shift=*/0.0f);
    return std::isnan(sum);
  }
};

struct raddextexp_family {
  static constexpr bool stores_every_exp = false;
  static void check(xnnx_f32_raddextexp_fn kernel, Measured* measured, const float* values, size_t count)
  {
    for (size_t i = 0; i < count; i++) {
      struct xnnx_pair sum;
      kernel(sizeof(float), &values[i], &sum, /*shift=*/0.0f);
      if (std::isfinite(sum.mantissa) && xnnx_is_unshifted_exponent(sum.exponent)) {
        ASSERT_EQ(sum.exponent, std::rint(sum.exponent)) << values[i];
        const double exact = exact_relative_exp(values[i], sum.exponent);
        measured->record(
            std::abs(sum.mantissa - exact) / ulp_of(exact), kMaxUlpOfExp, values[i], sum.mantissa, exact);
      } else {
        // The exponent has room for a maximum of up to 2^3 times the exponential that it is of.
        ASSERT_GT(std::abs(values[i]), XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT - 5.0f) << "does not look ordinary";
      }
    }
  }
  static bool gives_nan(xnnx_f32_raddextexp_fn kernel, float nan)
  {
    struct xnnx_pair sum;
    kernel(sizeof(float), &nan, &sum, /*shift=*/0.0f);
    return std::isnan(sum.mantissa);
  }
};

// Whole softmaxes: of rows of an element and the maximum.
struct softmaxrows_family {
  static constexpr bool stores_every_exp = true;
  static void check(xnnx_f32_softmaxrows_fn kernel, Measured* measured, const float* values, size_t count)
  {
    const RunBelowMax run(values, count);
    if (run.count() == 0) {
      return;
    }
    static std::vector<float> rows(2 * kMaxRun);
    static std::vector<float> results(2 * kMaxRun);
    for (size_t i = 0; i < run.count(); i++) {
      rows[2 * i] = values[i];
      rows[2 * i + 1] = run.max();
    }
    kernel(
        run.count(), /*channels=*/2, rows.data(), /*input_stride=*/2, results.data(), /*output_stride=*/2,
        /*scale_of_fully_masked=*/0.0);
    for (size_t i = 0; i < run.count(); i++) {
      const double exp = std::exp(static_cast<double>(values[i]) - static_cast<double>(run.max()));
      record_result(measured, values[i], results[2 * i], exp / (1.0 + exp), xnnx_accuracy::kMaxUlp);
      record_result(measured, run.max(), results[2 * i + 1], 1.0 / (1.0 + exp), xnnx_accuracy::kMaxUlp);
    }
  }
  static bool gives_nan(xnnx_f32_softmaxrows_fn kernel, float nan)
  {
    float result;
    kernel(/*rows=*/1, /*channels=*/1, &nan, /*input_stride=*/1, &result, /*output_stride=*/1, /*scale_of_fully_masked=*/0.0);
    return std::isnan(result);
  }
};

// Families without an exponential.
struct rmax_family {};
struct vmulc_family {};
struct vmulcstream_family {};

struct KernelCase {
  const char* name;
  enum xnnx_isa isa;
  uint64_t stride;
  void (*check)(Measured* measured, const float* values, size_t count);
  bool (*gives_nan)(float nan);
};

template <typename Family>
constexpr bool kHasExp = true;
template <>
constexpr bool kHasExp<rmax_family> = false;
template <>
constexpr bool kHasExp<vmulc_family> = false;
template <>
constexpr bool kHasExp<vmulcstream_family> = false;

template <typename Family, auto kernel>
void add_case(std::vector<KernelCase>* cases, const char* name, enum xnnx_isa isa, bool is_default)
{
  if constexpr (kHasExp<Family>) {
    const uint64_t stride = is_default && Family::stores_every_exp ? XNNX_STRIDE_OF_DEFAULTS : XNNX_STRIDE_OF_OTHERS;
    cases->push_back(
        {name, isa, stride,
         [](Measured* measured, const float* values, size_t count) { Family::check(kernel, measured, values, count); },
         [](float nan) { return Family::gives_nan(kernel, nan); }});
  }
}

std::vector<KernelCase> all_cases()
{
  std::vector<KernelCase> cases;
#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default) \
  add_case<family##_family, function>(&cases, #function, xnnx_isa_##isa, is_default);
#include "src/xnnx/gen/kernels.inc"
#undef XNNX_UKERNEL
  return cases;
}

// What GoogleTest prints of a failed test's parameter.
void PrintTo(const KernelCase& kernel, std::ostream* stream)
{
  *stream << kernel.name;
}

class ExpCoreTest : public testing::TestWithParam<KernelCase> {
 protected:
  void SetUp() override
  {
    if (!xnnx_accuracy::is_usable(GetParam().isa)) {
      GTEST_SKIP() << "this processor has no " << xnnx_isa_name(GetParam().isa);
    }
  }
};

TEST_P(ExpCoreTest, IsAccurate)
{
  const KernelCase& kernel = GetParam();
  Measured measured;
  const auto check_run = [&](const float* values, size_t count) { kernel.check(&measured, values, count); };
  xnnx_accuracy::sweep_critical_floats(check_run);
  xnnx_accuracy::sweep_floats(kernel.stride, check_run);
  measured.print(kernel.name, "ULP");
}

TEST_P(ExpCoreTest, KeepsNan)
{
  for (const float nan : xnnx_accuracy::some_nans()) {
    EXPECT_TRUE(GetParam().gives_nan(nan));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ExpCoreTest, testing::ValuesIn(all_cases()), [](const testing::TestParamInfo<KernelCase>& info) {
      return std::string(info.param.name);
    });

}  // namespace
