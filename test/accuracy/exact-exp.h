// exp(x) / 2^exponent in double precision, for what the kernels compute before they divide by a sum.

#pragma once

#include <cmath>

namespace xnnx_accuracy {

// For an integer exponent up to 2^18 in magnitude. Where the result is at least FLT_MIN, the relative error is below
// 2^-44: ln 2 is the sum of two doubles, of which the first has 32 bits, so that its product with the exponent is
// exact.
inline double exact_relative_exp(float x, double exponent)
{
  constexpr double ln2_high = 0x1.62e42feep-1;
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  return std::exp((static_cast<double>(x) - exponent * ln2_high) - exponent * ln2_low);
}

}  // namespace xnnx_accuracy
