// The instrument itself: errors that are put into a row are found.

#include "test/accuracy/softmax-errors.h"

#include <cfloat>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace {

using xnnx_accuracy::ExactSoftmax;
using xnnx_accuracy::SoftmaxErrors;

class SoftmaxErrorsTest : public testing::Test {
 protected:
  SoftmaxErrors errors_of(const std::vector<float>& output) const
  {
    SoftmaxErrors errors;
    errors.add_row(ExactSoftmax(input_.data(), input_.size()), input_.data(), output.data(), input_.size());
    return errors;
  }

  std::vector<float> correctly_rounded() const
  {
    const ExactSoftmax exact(input_.data(), input_.size());
    std::vector<float> output;
    for (const float x : input_) {
      output.push_back(static_cast<float>(exact.of(x)));
    }
    return output;
  }

  const std::vector<float> input_ = {0.0f, 1.0f, -3.5f, -90.0f, -INFINITY};
};

TEST_F(SoftmaxErrorsTest, CorrectRounding)
{
  const SoftmaxErrors errors = errors_of(correctly_rounded());
  EXPECT_GT(errors.max_ulp(), 0.0);
  EXPECT_LE(errors.max_ulp(), 0.5);
  EXPECT_LE(errors.mean_ulp(), errors.max_ulp());
  EXPECT_LT(errors.max_error_below_normal(), 1e-6);
  EXPECT_LE(errors.sum_error(), FLT_EPSILON);
  EXPECT_EQ(errors.out_of_range_count(), 0u);
}

TEST_F(SoftmaxErrorsTest, WrongLastBits)
{
  std::vector<float> output = correctly_rounded();
  for (int step = 0; step < 5; step++) {
    output[2] = std::nextafter(output[2], 1.0f);
  }
  EXPECT_GT(errors_of(output).max_ulp(), 4.4);
  EXPECT_LT(errors_of(output).max_ulp(), 5.6);
  EXPECT_EQ(errors_of(output).worst_position(), 2u);
}

TEST_F(SoftmaxErrorsTest, FlushedToZero)
{
  std::vector<float> output = correctly_rounded();
  output[3] = 0.0f;
  EXPECT_LT(errors_of(output).max_ulp(), 1.0);
  EXPECT_LT(errors_of(output).max_error_below_normal(), 1.0);
  output[2] = 0.0f;
  EXPECT_GT(errors_of(output).max_ulp(), 1e6);
}

TEST_F(SoftmaxErrorsTest, WrongWhereItShouldBeTiny)
{
  std::vector<float> output = correctly_rounded();
  output[4] = 2.0f * FLT_MIN;
  EXPECT_EQ(errors_of(output).max_error_below_normal(), 2.0);
}

TEST_F(SoftmaxErrorsTest, OutOfRange)
{
  for (const float bad : {-1e-30f, std::nextafter(1.0f, 2.0f), -INFINITY, INFINITY, NAN}) {
    for (const size_t position : {0, 1, 3}) {
      std::vector<float> output = correctly_rounded();
      output[position] = bad;
      EXPECT_EQ(errors_of(output).out_of_range_count(), 1u) << bad;
    }
  }
}

TEST_F(SoftmaxErrorsTest, NanStays)
{
  std::vector<float> output = correctly_rounded();
  output[0] = NAN;
  SoftmaxErrors errors = errors_of(output);
  const std::vector<float> good = correctly_rounded();
  errors.add_row(ExactSoftmax(input_.data(), input_.size()), input_.data(), good.data(), good.size());
  EXPECT_TRUE(std::isnan(errors.max_ulp()));
  EXPECT_TRUE(std::isnan(errors.mean_ulp()));
  EXPECT_TRUE(std::isnan(errors.sum_error()));
}

TEST_F(SoftmaxErrorsTest, SumError)
{
  std::vector<float> output = correctly_rounded();
  output[1] += 0.25f;
  EXPECT_NEAR(errors_of(output).sum_error(), 0.25, 1e-6);
}

}  // namespace
