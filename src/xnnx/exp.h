// What the kernels and the operator share about exp(x) = p * 2^e.

#pragma once

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "src/xnnx/exp-constants.h"
#include "src/xnnx/floating-point-model.h"

// Adding it to a float below 2^22 rounds that to an integer, which then stands in the low bits.
#define XNNX_ROUND_TO_INTEGER 0x1.8p+23f

// Adding it to a float below 2^18 rounds that to sixteenths, and the integer 16 times that stands in the low bits.
#define XNNX_ROUND_TO_SIXTEENTH 0x1.8p+19f

// Up to this magnitude e is below 2^17 and the reduction t = x - e ln 2 has all its bits.
#define XNNX_EXP_LARGEST_DIRECT_ARGUMENT 0x1p+16f

// An element that is this far below another one gives 0: its exponential beside that one's is below 2^-149.
#define XNNX_EXP_NOTHING_BESIDE 128.0f

// Up to this magnitude of their maximum, elements need no shift: src/operators/softmax-block.h. That of a stored block
// is an estimate, and others of its elements may be larger.
#define XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT (XNNX_EXP_LARGEST_DIRECT_ARGUMENT - XNNX_EXP_NOTHING_BESIDE)

// Up to this far from its shift, x - shift has all bits of x, because it is no larger; and so has what is not nothing beside.
#define XNNX_EXP_LARGEST_SHIFTED_ARGUMENT (XNNX_EXP_SHIFT_STEP / 2 - XNNX_EXP_NOTHING_BESIDE)

// Where a pair's exponent begins: exp of this is nothing beside exp of any direct argument, and its exponent is finite,
// so that a difference of exponents is never NaN.
#define XNNX_EXP_LOWEST -0x1p+17f

// Where a constant argument makes a function faster: always inlined, into functions that never are, one for each constant.
#define XNNX_ALWAYS_INLINE inline __attribute__((always_inline))
#define XNNX_NEVER_INLINE __attribute__((noinline))

// For conditions inside the kernels' loops: what only the rare case needs is then kept out of registers.
#define XNNX_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// A number mantissa * 2^exponent that cannot overflow; the exponent is an integer.
struct xnnx_pair {
  double mantissa;
  double exponent;
};

// Softmax divides by 2^xnnx_exponent(max) instead of exp(max), which cancels in the end, because exponents subtract
// without rounding where x - max does not. One less than that of exp(max): the sum is above 1 then, so that no
// exponential which is below FLT_MIN, and has lost bits or is zero, becomes a probability that is not.
static inline float xnnx_exponent(float max)
{
  return (max * XNNX_EXP_LOG2E + XNNX_ROUND_TO_INTEGER) - (XNNX_ROUND_TO_INTEGER + 1.0f);
}

// Whether a sum's exponent shows that the largest x is at most `largest` in magnitude: with some room, because the exponent
// is not exactly that of the largest term.
static inline bool xnnx_is_exponent_within(double exponent, float largest)
{
  return xnnx_exponent(-largest) + 4.0f <= exponent && exponent <= xnnx_exponent(largest) - 4.0f;
}

// Whether it shows that the elements needed no shift.
static inline bool xnnx_is_unshifted_exponent(double exponent)
{
  return xnnx_is_exponent_within(exponent, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT);
}

static inline float xnnx_smaller(float a, float b)
{
  return a < b ? a : b;
}

// The largest x that a sum of exp(x) / 2^exponent takes without raising the exponent: little more than the ordinary,
// and enough that in most rows it is raised once, at their start. Beyond the largest direct argument the exponent must
// tell.
static inline float xnnx_reach_of_exponent(float exponent)
{
  const float headroom = 3.0f;
  return xnnx_smaller((exponent + headroom) * XNNX_EXP_LN2_HI, XNNX_EXP_LARGEST_DIRECT_ARGUMENT);
}

// The largest x whose exp(x) / 2^exponent may be stored: larger than most that follow the first ones, and far from
// infinity.
static inline float xnnx_largest_stored(float exponent)
{
  const float headroom = 64.0f;
  return xnnx_smaller((exponent + headroom) * XNNX_EXP_LN2_HI, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT);
}

// 2^n for an integer n < 1024; 0 for n < -1022 and for NaN.
static inline double xnnx_power_of_two(double n)
{
  const uint64_t bits = n >= -1022.0 ? (uint64_t) (n + 1023.0) << 52 : 0;
  double power;
  memcpy(&power, &bits, sizeof(power));
  return power;
}

// n of 2^n <= value < 2^(n + 1), for a positive normal number.
static inline float xnnx_binary_exponent(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return (float) (bits >> 52) - 1023.0f;
}

// Where the compensated sum of exp(x) / 2^exponent begins for x up to `largest`: above any term, which is up to two
// exponentials of at most 2^3 2^xnnx_exponent(largest) each, and not so far above that the terms vanish beside it.
static inline float xnnx_sum_offset(float largest, float exponent)
{
  const float smallest_offset_exponent = -100.0f;
  const float offset_exponent = xnnx_exponent(largest) - exponent + 5.0f;
  const bool is_small = offset_exponent < smallest_offset_exponent;
  return (float) xnnx_power_of_two(is_small ? smallest_offset_exponent : offset_exponent);
}

// The same for sums of exp(x) / 2^xnnx_exponent(largest), whatever `largest` is.
static inline float xnnx_sum_offset_at_own_exponent(void)
{
  return xnnx_sum_offset(0.0f, xnnx_exponent(0.0f));
}
