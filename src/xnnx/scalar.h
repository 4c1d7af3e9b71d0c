// The scalar kernels' building blocks, with the results of the vector instructions that they stand for.

#pragma once

#include <stdint.h>
#include <string.h>

// a * b + c, rounded once but for rare double rounding: the product of two floats is exact in double. Unlike fmaf, this
// is no call on processors without fused multiply-add.
static inline float xnnx_scalar_fma(float a, float b, float c)
{
  return (float) ((double) a * (double) b + (double) c);
}

// The larger and the smaller of both; b where either is NaN.
static inline float xnnx_scalar_max(float a, float b)
{
  return a > b ? a : b;
}

static inline float xnnx_scalar_min(float a, float b)
{
  return a < b ? a : b;
}

// 2^n whose exponent field is the low 8 bits of the integer that a float in [2^23, 2^24) holds.
static inline float xnnx_scalar_power_of_two_from_low_bits(float a)
{
  uint32_t bits;
  memcpy(&bits, &a, sizeof(bits));
  bits <<= 23;
  float power;
  memcpy(&power, &bits, sizeof(power));
  return power;
}
