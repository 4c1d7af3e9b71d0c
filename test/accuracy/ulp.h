// The unit in which errors of floats are measured.

#pragma once

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace xnnx_accuracy {

// The distance between the floats around `exact`, which is at least FLT_MIN: 2^(e - 23) for 2^e <= exact < 2^(e + 1).
// So a correctly rounded result has an error of at most half an ULP.
inline double ulp_of(double exact)
{
  uint64_t bits;
  std::memcpy(&bits, &exact, sizeof(bits));
  bits &= UINT64_C(0x7FF0000000000000);
  double power;
  std::memcpy(&power, &bits, sizeof(power));
  return power * 0x1p-23;
}

// In ULP, for exact >= FLT_MIN.
inline double ulp_error(float result, double exact)
{
  return std::abs(static_cast<double>(result) - exact) / ulp_of(exact);
}

}  // namespace xnnx_accuracy
