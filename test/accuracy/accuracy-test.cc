// The contract: every instruction set, every algorithm, every kind of row, many lengths.

#include <cctype>
#include <string>
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

std::vector<std::string> all_distributions()
{
  std::vector<std::string> texts = {
      "uniform:-10:10",     "uniform:-1:0",      "uniform:-60:0",         "uniform:-1000:1000", "uniform:-1e5:1e5",
      "normal:0:1",         "normal:0:10",       "normal:1000:100",       "lognormal:0:1",      "lognormal:0:10",
      "constant:0",         "sorted",            "sorted:10:-10",         "sorted:-88:0",       "sorted:0:1e4",
      "onehot",             "onehot:20",         "onehot:88",             "onehot:1e4",         "onehot:1e20",
      "onehot:-1e20",       "geometric",         "geometric:1:0.99",      "geometric:1e-30:1.2", "denormal",
      "two-levels:0:-20",   "two-levels:0:-87",  "any-finite",            "two-levels:-3.4e38:3.4e38",
      "two-levels:1e8:1.00000008e8",
  };
  for (const char* spacing : {"2", "4", "8", "16"}) {
    texts.push_back(std::string("comb:") + spacing);
  }
  for (const char* value : {"0", "1e3", "-1e3", "65000", "-65000", "66000", "-66000", "131000", "-131000", "1e6",
                            "-1e6", "4e6", "-4e6", "1e8", "-1e8", "1e20", "-1e20", "3.4028235e38", "-3.4028235e38"}) {
    texts.push_back(std::string("offset:") + value);
    texts.push_back(std::string("near:") + value);
  }
  for (const char* value : {"-100", "-1e4", "-1e9", "-1e15", "-1e20", "-1e30", "-3.4028235e38", "-inf"}) {
    texts.push_back(std::string("mask:") + value);
    texts.push_back(std::string("mask:") + value + ":0.95");
  }
  return texts;
}

// All short rows; then around the sizes of vectors, tiles and blocks.
std::vector<size_t> all_lengths()
{
  std::vector<size_t> lengths;
  for (size_t length = 1; length <= 40; length++) {
    lengths.push_back(length);
  }
  for (const size_t length : {100, 127, 128, 129, 1000, 4095, 8191, 8192, 8193, 12345, 65536, 1 << 20}) {
    lengths.push_back(length);
  }
  return lengths;
}

// Rows longer than those of one pass have one of the other algorithms, which softmax-algorithm-test knows.
constexpr size_t kLongestRowOfOnePass = 256;

class AccuracyTest : public testing::TestWithParam<std::string> {
 protected:
  // One shape of the parameter's kind of rows, computed with every instruction set and algorithm.
  static void expect_contract(size_t rows, size_t channels)
  {
    const Distribution distribution(GetParam());
    std::vector<float> input(rows * channels);
    std::vector<ExactSoftmax> exact_rows;
    for (size_t row = 0; row < rows; row++) {
      distribution.fill_row(row, channels, &input[row * channels]);
      exact_rows.emplace_back(&input[row * channels], channels);
    }
    std::vector<float> output(rows * channels);
    for (const enum xnnx_isa isa : xnnx_accuracy::usable_isas()) {
      for (const Algorithm& algorithm : xnnx_accuracy::kAlgorithms) {
        if (algorithm.flags == 0 && channels > kLongestRowOfOnePass) {
          continue;
        }
        run_our_softmax({rows, channels, input.data(), output.data(), /*threads=*/1}, isa, algorithm);
        SoftmaxErrors errors;
        for (size_t row = 0; row < rows; row++) {
          errors.add_row(exact_rows[row], &input[row * channels], &output[row * channels], channels);
        }
        EXPECT_TRUE(keeps_contract(errors))
            << channels << " channels, " << algorithm.name << " on " << xnnx_isa_name(isa);
      }
    }
  }
};

TEST_P(AccuracyTest, KeepsTheContract)
{
  constexpr size_t elements_of_short_rows = 4096;
  for (const size_t channels : all_lengths()) {
    const size_t rows = channels < elements_of_short_rows ? elements_of_short_rows / channels : 1;
    expect_contract(rows, channels);
  }
}

std::string test_name(const testing::TestParamInfo<AccuracyTest::ParamType>& info)
{
  std::string name = info.param;
  for (char& character : name) {
    if (character == '-') {
      character = 'm';  // minus
    } else if (!std::isalnum(static_cast<unsigned char>(character))) {
      character = '_';
    }
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, AccuracyTest, testing::ValuesIn(all_distributions()), test_name);

TEST(AccuracyTestDistributions, AreOfEveryKind)
{
  EXPECT_EQ(Distribution::kinds_not_among(all_distributions()), std::vector<std::string>());
}

// Where a sum has few terms that count, their errors do not average out: the worst rows, in large numbers.
using FewElementsDominateTest = AccuracyTest;

TEST_P(FewElementsDominateTest, KeepsTheContract)
{
  for (const size_t channels : {16, 28, 64, 128, 256}) {
    expect_contract((size_t{1} << 22) / channels, channels);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, FewElementsDominateTest, testing::Values("normal:0:10", "lognormal:0:1", "comb:8", "comb:16"), test_name);

}  // namespace
