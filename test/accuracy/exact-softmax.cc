#include "test/accuracy/exact-softmax.h"

#include <algorithm>

#include "test/accuracy/compensated-sum.h"

namespace xnnx_accuracy {

ExactSoftmax::ExactSoftmax(const float* row, size_t count) : max_(*std::max_element(row, row + count))
{
  CompensatedSum sum;
  for (size_t i = 0; i < count; i++) {
    sum.add(std::exp(static_cast<double>(row[i]) - max_));
  }
  sum_ = sum.value();
}

}  // namespace xnnx_accuracy
