// The contract for rows of up to 2^28 elements. Slow, and needs 3 GiB.

#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "test/accuracy/contract.h"
#include "test/accuracy/distribution.h"
#include "test/accuracy/our-softmax.h"

namespace {

using xnnx_accuracy::Algorithm;
using xnnx_accuracy::Distribution;
using xnnx_accuracy::ExactSoftmax;
using xnnx_accuracy::SoftmaxErrors;

constexpr size_t kThreads = 2;

class LargeRowsTest : public testing::TestWithParam<std::tuple<size_t, const char*, enum xnnx_isa>> {};

TEST_P(LargeRowsTest, KeepTheContract)
{
  const auto& [channels, text, isa] = GetParam();
  if (!xnnx_accuracy::is_usable(isa)) {
    GTEST_SKIP() << "this processor has no " << xnnx_isa_name(isa);
  }
  std::vector<float> input(channels);
  std::vector<float> output(channels);
  Distribution(text).fill_row(/*row=*/0, channels, input.data());
  const ExactSoftmax exact(input.data(), channels);
  for (const Algorithm& algorithm : xnnx_accuracy::kAlgorithms) {
    run_our_softmax({/*rows=*/1, channels, input.data(), output.data(), kThreads}, isa, algorithm);
    SoftmaxErrors errors;
    errors.add_row(exact, input.data(), output.data(), channels);
    EXPECT_TRUE(keeps_contract(errors)) << algorithm.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All,
    LargeRowsTest,
    testing::Combine(
        testing::Values((size_t{1} << 26) + 1, (size_t{1} << 28) - 1),
        testing::Values("uniform:-10:10", "normal:0:10", "constant:0", "offset:1e6", "mask:-1e9"),
        testing::ValuesIn(xnnx_accuracy::all_isas())));

}  // namespace
