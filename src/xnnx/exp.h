// What the kernels and the operator share about exp(x) = p * 2^e.

#pragma once

#include "src/xnnx/exp-constants.h"

// Adding it to a float below 2^22 rounds that to an integer, which then stands in the low bits.
#define XNNX_ROUND_TO_INTEGER 0x1.8p+23f

// Up to this magnitude e is below 2^17 and the reduction t = x - e ln 2 has all its bits.
#define XNNX_EXP_LARGEST_DIRECT_ARGUMENT 0x1p+16f

// Below, x is taken for this. Twice the above, so that exp of it is nothing beside exp of any direct argument.
#define XNNX_EXP_LOWEST -0x1p+17f

// Less than the exponent of any exp(x) with x >= XNNX_EXP_LOWEST; finite, so that differences of exponents are never NaN.
#define XNNX_SMALLEST_EXPONENT -0x1p+18f

// A number mantissa * 2^exponent that cannot overflow; the exponent is an integer.
struct xnnx_pair {
  double mantissa;
  double exponent;
};

// The exponent of exp(max): softmax divides by 2^exponent instead of exp(max), which cancels in the end, because exponents
// subtract without rounding where x - max does not.
static inline float xnnx_exponent(float max)
{
  return (max * XNNX_EXP_LOG2E + XNNX_ROUND_TO_INTEGER) - XNNX_ROUND_TO_INTEGER;
}
