#include "test/accuracy/softmax-errors.h"

#include <cmath>

#include "test/accuracy/compensated-sum.h"
#include "test/accuracy/ulp.h"

namespace xnnx_accuracy {
namespace {

// Unlike with std::max, NaN wins and stays. Whether the largest has changed.
bool raise_to(double* largest, double value)
{
  const bool is_larger = std::isnan(value) ? !std::isnan(*largest) : value > *largest;
  if (is_larger) {
    *largest = value;
  }
  return is_larger;
}

}  // namespace

void SoftmaxErrors::add_row(const ExactSoftmax& exact, const float* input, const float* output, size_t count)
{
  CompensatedSum sum;
  for (size_t i = 0; i < count; i++) {
    const double expected = exact.of(input[i]);
    if (expected >= FLT_MIN) {
      const double error = ulp_error(output[i], expected);
      if (expected < 2.0 * static_cast<double>(FLT_MIN)) {
        raise_to(&max_ulp_just_above_normal_, error);
      } else if (raise_to(&max_ulp_, error)) {
        worst_position_ = i;
      }
      ulp_sum_ += error;
      normal_count_++;
    } else {
      raise_to(&max_error_below_normal_, std::abs(output[i] - expected) / FLT_MIN);
    }
    out_of_range_count_ += !(output[i] >= 0.0f && output[i] <= 1.0f);
    sum.add(output[i]);
  }
  raise_to(&sum_error_, std::abs(sum.value() - 1.0));
}

double SoftmaxErrors::mean_ulp() const
{
  return normal_count_ == 0 ? 0.0 : ulp_sum_ / static_cast<double>(normal_count_);
}

}  // namespace xnnx_accuracy
