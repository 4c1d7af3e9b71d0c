// What every finite row is promised; include/xnnpack-softmax.h says it in words.

#pragma once

#include <gtest/gtest.h>

#include "test/accuracy/softmax-errors.h"

namespace xnnx_accuracy {

constexpr double kMaxUlp = 4.0;
constexpr double kMaxErrorBelowNormal = 1.0;  // in units of FLT_MIN
constexpr double kMaxSumError = 5e-7;

// Written so that NaN fails.
inline void expect_contract(const SoftmaxErrors& errors)
{
  EXPECT_LE(errors.max_ulp(), kMaxUlp);
  EXPECT_LE(errors.max_error_below_normal(), kMaxErrorBelowNormal);
  EXPECT_LE(errors.sum_error(), kMaxSumError);
  EXPECT_EQ(errors.out_of_range_count(), 0u) << "results that are negative, above 1 or NaN";
}

}  // namespace xnnx_accuracy
