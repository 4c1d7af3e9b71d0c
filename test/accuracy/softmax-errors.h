// How far a softmax is from the exact one.

#pragma once

#include <cstddef>

#include "test/accuracy/exact-softmax.h"

namespace xnnx_accuracy {

class SoftmaxErrors {
 public:
  // Takes one more row into account.
  void add_row(const ExactSoftmax& exact, const float* input, const float* output, size_t count);

  // Over the elements whose exact result is at least twice FLT_MIN, in ULP (ulp.h); NaN where a result is NaN.
  double max_ulp() const { return max_ulp_; }
  // Of the element with that error, in its row.
  size_t worst_position() const { return worst_position_; }
  // The same where the exact result is from FLT_MIN to twice that.
  double max_ulp_just_above_normal() const { return max_ulp_just_above_normal_; }
  // Over all from FLT_MIN on.
  double mean_ulp() const;
  // Where the exact result is below FLT_MIN: the largest absolute error, in units of FLT_MIN.
  double max_error_below_normal() const { return max_error_below_normal_; }
  // The largest |sum of a row - 1|.
  double sum_error() const { return sum_error_; }
  // Results that are negative, above 1, or NaN.
  size_t out_of_range_count() const { return out_of_range_count_; }

 private:
  double max_ulp_ = 0.0;
  size_t worst_position_ = 0;
  double max_ulp_just_above_normal_ = 0.0;
  double ulp_sum_ = 0.0;
  size_t normal_count_ = 0;
  double max_error_below_normal_ = 0.0;
  double sum_error_ = 0.0;
  size_t out_of_range_count_ = 0;
};

}  // namespace xnnx_accuracy
