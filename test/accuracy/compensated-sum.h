// A sum of non-negative numbers of any count, good to some 2^-52.

#pragma once

namespace xnnx_accuracy {

class CompensatedSum {
 public:
  // Kahan's summation; needs a compiler that keeps to IEEE arithmetic.
  void add(double term)
  {
    const double corrected = term - correction_;
    const double sum = sum_ + corrected;
    correction_ = (sum - sum_) - corrected;
    sum_ = sum;
  }

  double value() const { return sum_; }

 private:
  double sum_ = 0.0;
  double correction_ = 0.0;
};

}  // namespace xnnx_accuracy
