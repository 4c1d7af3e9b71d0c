// Products with a double, rounded once, as docs/arithmetic.md has them.

#pragma once

XNNX_SIMD xnnx_f32x16 xnnx_times(xnnx_f32x16 a, xnnx_two_floats factor)
{
  return xnnx_multiply_add(a, factor.high, xnnx_multiply(a, factor.low));
}
