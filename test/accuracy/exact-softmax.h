// The reference: softmax in double precision, as the formula has it.
//
// Its relative error is below 2^-45, a millionth of an ULP of float, wherever the result is at least FLT_MIN: x - max
// is rounded once, to 2^-53 of its magnitude, which is at most 110 there; exp, the compensated sum and the division
// add 2^-52 each. exact-softmax-test checks that against MPFR.

#pragma once

#include <cmath>
#include <cstddef>

namespace xnnx_accuracy {

// How exact ExactSoftmax is, relative to the result or to FLT_MIN, whichever is larger.
constexpr double kExactSoftmaxError = 0x1p-45;

class ExactSoftmax {
 public:
  // The row's elements are finite or -infinity, and not all of them are -infinity.
  ExactSoftmax(const float* row, size_t count);

  // The result for an element x of the row.
  double of(float x) const { return std::exp(static_cast<double>(x) - max_) / sum_; }

 private:
  double max_;
  double sum_;  // of exp(x - max)
};

}  // namespace xnnx_accuracy
