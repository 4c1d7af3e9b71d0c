// What every row is promised; include/xnnpack-softmax.h says it in words.

#pragma once

#include <cstddef>

#include <gtest/gtest.h>

#include "test/accuracy/exact-softmax.h"
#include "test/accuracy/softmax-errors.h"

namespace xnnx_accuracy {

constexpr double kMaxUlp = 4.0;
// From FLT_MIN to twice that, where the low part of a product is subnormal and costs up to half an ULP more.
constexpr double kMaxUlpJustAboveNormal = 4.5;
constexpr double kMaxErrorBelowNormal = 1.0;  // in units of FLT_MIN
constexpr double kMaxSumError = 5e-7;

// Of rows that are softmaxes, and neither NaN nor zero throughout.
testing::AssertionResult keeps_contract(const SoftmaxErrors& errors);

// The output is the softmax of the input to the contract, and masked elements are exactly 0; or it is NaN or zero
// throughout where it should be.
void expect_softmax(const float* output, const float* input, size_t channels, bool zero_if_fully_masked = false);

// The same where the row is a softmax and the exact one is computed already.
void expect_softmax(const float* output, const float* input, size_t channels, const ExactSoftmax& exact);

}  // namespace xnnx_accuracy
