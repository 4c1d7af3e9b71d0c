#include "test/accuracy/contract.h"

#include <algorithm>
#include <cmath>

namespace xnnx_accuracy {
namespace {

void expect_all(const float* row, size_t channels, bool (*is_right)(float), const char* right)
{
  const float* wrong = std::find_if_not(row, row + channels, is_right);
  ASSERT_EQ(wrong, row + channels) << *wrong << " instead of " << right << " at " << wrong - row << " of " << channels;
}

bool is_nan(float x)
{
  return std::isnan(x);
}

bool is_plus_zero(float x)
{
  return x == 0.0f && !std::signbit(x);
}

}  // namespace

testing::AssertionResult keeps_contract(const SoftmaxErrors& errors)
{
  // Written so that NaN fails.
  const bool keeps = errors.max_ulp() <= kMaxUlp && errors.max_ulp_just_above_normal() <= kMaxUlpJustAboveNormal &&
                     errors.max_error_below_normal() <= kMaxErrorBelowNormal &&
                     errors.sum_error() <= kMaxSumError && errors.out_of_range_count() == 0;
  return (keeps ? testing::AssertionSuccess() : testing::AssertionFailure())
         << "up to " << errors.max_ulp() << " ULP, at element " << errors.worst_position() << "; just above FLT_MIN up to "
         << errors.max_ulp_just_above_normal() << " ULP; below up to "
         << errors.max_error_below_normal() << " FLT_MIN; sums " << errors.sum_error() << " off 1; "
         << errors.out_of_range_count() << " results that are negative, above 1 or NaN";
}

void expect_softmax(const float* output, const float* input, size_t channels, bool zero_if_fully_masked)
{
  const bool has_nan = std::any_of(input, input + channels, is_nan);
  const float max = *std::max_element(input, input + channels);
  if (has_nan || max == INFINITY || (max == -INFINITY && !zero_if_fully_masked)) {
    expect_all(output, channels, is_nan, "NaN");
  } else if (max == -INFINITY) {
    expect_all(output, channels, is_plus_zero, "zero");
  } else {
    expect_softmax(output, input, channels, ExactSoftmax(input, channels));
  }
}

void expect_softmax(const float* output, const float* input, size_t channels, const ExactSoftmax& exact)
{
  SoftmaxErrors errors;
  errors.add_row(exact, input, output, channels);
  const size_t worst = errors.worst_position();
  ASSERT_TRUE(keeps_contract(errors)) << output[worst] << " for " << input[worst] << ", in a row of " << channels;
  for (size_t i = 0; i < channels; i++) {
    ASSERT_TRUE(input[i] != -INFINITY || output[i] == 0.0f)
        << output[i] << " for the mask at " << i << " of " << channels;
  }
}

}  // namespace xnnx_accuracy
