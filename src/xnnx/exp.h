// What the kernels and the operator share about exp(x) = p * 2^e: docs/arithmetic.md.

#pragma once

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "src/xnnx/exp-constants.h"
#include "src/xnnx/floating-point-model.h"

// Elements in a block. A row is cut into blocks whatever the number of threads, and their sums are merged in order of
// position: that is what makes results independent of the threads.
#define XNNX_BLOCK_ELEMENTS ((size_t) 2048)

// Rows of up to this many channels are computed one after the other by one kernel: their exponentials, which wait for
// the sum, and the next row are in the first caches.
#define XNNX_CACHED_ROW_CHANNELS ((size_t) 8192)

// Rows of up to this many channels are short: the sum of such a row is one of doubles.
#define XNNX_SHORT_ROW_CHANNELS ((size_t) 256)

// Adding it to a float below 2^18 rounds that to sixteenths, and the integer 16 times that stands in the low bits.
#define XNNX_ROUND_TO_SIXTEENTH 0x1.8p+19f

// How far from the exponent the lowest k/16 is whose exponential, divided by 2^exponent, is not taken for 0: that one and
// those above are normal numbers. What is taken for 0 is below FLT_MIN beside a sum of at least 2.
#define XNNX_EXP_LOWEST_SIXTEENTH (-126.0f + 0x1p-4f)

// Where a compensated sum begins: above a term, which is two exponentials of less than 4 each.
#define XNNX_SUM_OFFSET 8.0f

// Up to this magnitude of their maximum, elements need no shift: k/16 XNNX_EXP_B is a float for all whose exponential is not 0,
// whose k/16 is up to 127 lower. It is the largest float of its k/16, so that the rounded maximum says the same.
#define XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT 0x1.d1ce44p+9f
#define XNNX_EXP_LARGEST_UNSHIFTED_SIXTEENTH 1344.0f

// So far below every maximum that needs no shift that its exponential is 0.
#define XNNX_EXP_MISSING -0x1p+11f

// Taken for the maximum of nothing but -infinity: all exponentials are 0 then.
#define XNNX_EXP_LOWEST -0x1p+10f

#define XNNX_LN2 0x1.62e42fefa39efp-1

// A sum of exponentials: mantissa * 2^exponent * exp(shift). The exponent is an integer; elements were reduced by `shift`.
// It cannot overflow.
struct xnnx_pair {
  double mantissa;
  float exponent;
  float shift;
};

// What is subtracted from elements whose largest is `max`, so that the exponential takes them. Softmax does not change
// when a constant is subtracted from all elements. These are multiples of a step, exactly: blocks whose maxima are near
// each other have the same shift or neighbours, whose ratio is one constant.
static inline float xnnx_shift_of(float max)
{
  const float magnitude = fabsf(max);
  if (!(magnitude > XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT && magnitude <= FLT_MAX)) {
    return 0.0f;
  }
  const float steps = magnitude * (1.0f / XNNX_EXP_SHIFT_STEP);
  // From 2^23 on every float is an integer itself.
  const float whole_steps = steps < 0x1p+23f ? (steps + 0x1p+23f) - 0x1p+23f : steps;
  return copysignf(whole_steps * XNNX_EXP_SHIFT_STEP, max);
}

// 2^n for an integer n < 1024; 0 for n < -1022 and for NaN.
static inline double xnnx_power_of_two(double n)
{
  const uint64_t bits = n >= -1022.0 ? (uint64_t) (n + 1023.0) << 52 : 0;
  double power;
  memcpy(&power, &bits, sizeof(power));
  return power;
}
