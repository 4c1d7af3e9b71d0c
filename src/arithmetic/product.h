// Products with a double, rounded once, as docs/arithmetic.md has them.

#pragma once

// The double as the sum of two floats.
typedef struct {
  xnnx_f32x16 high;
  xnnx_f32x16 low;
} xnnx_factor;

XNNX_SIMD xnnx_factor xnnx_factor_of(double multiplier)
{
  const float high = (float) multiplier;
  return (xnnx_factor){xnnx_broadcast(high), xnnx_broadcast((float) (multiplier - (double) high))};
}

XNNX_SIMD xnnx_f32x16 xnnx_times(xnnx_f32x16 a, xnnx_factor factor)
{
  return xnnx_multiply_add(a, factor.high, xnnx_multiply(a, factor.low));
}
