// Of each family the reference: plain C that a reader can check against the formula in kernel-families.h.
// Tests compare the fast kernels with it.

#pragma once

#include <math.h>

#include "src/xnnx/kernel-families.h"

#ifdef __cplusplus
extern "C" {
#endif

#define XNNX_FAMILY(family) void xnnx_f32_##family##_reference XNNX_F32_PARAMETERS_##family;
XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY

// exp(x) / 2^exponent. Long double keeps the difference to 1e-14 for all that the kernels take; double would to 1e-11.
static inline double xnnx_relative_exp_reference(float x, double exponent)
{
  const long double ln2 = 0.693147180559945309417232121458176568L;
  return (double) expl((long double) x - (long double) exponent * ln2);
}

// exp(x) / 2^exponent * scale, but at most 1.
static inline float xnnx_probability_reference(float x, double exponent, double scale)
{
  const double result = xnnx_relative_exp_reference(x, exponent) * scale;
  return result > 1.0 ? 1.0f : (float) result;
}

#ifdef __cplusplus
}  // extern "C"
#endif
