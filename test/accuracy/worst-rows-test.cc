// The worst rows that are known, which the bounds of contract.h come from, and a short search for worse ones.

#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "test/accuracy/contract.h"
#include "test/accuracy/directed-search.h"
#include "test/accuracy/our-softmax.h"

namespace {

using xnnx_accuracy::Algorithm;
using Floats = std::vector<float>;

class WorstRowsTest : public testing::TestWithParam<std::tuple<enum xnnx_isa, Algorithm>> {
 protected:
  void SetUp() override
  {
    if (!xnnx_accuracy::is_usable(isa())) {
      GTEST_SKIP() << "this processor has no " << xnnx_isa_name(isa());
    }
  }

  enum xnnx_isa isa() const { return std::get<0>(GetParam()); }
  Algorithm algorithm() const { return std::get<1>(GetParam()); }

  void check(const Floats& row) const
  {
    Floats output(row.size());
    run_our_softmax({1, row.size(), row.data(), output.data(), /*threads=*/1}, isa(), algorithm());
    xnnx_accuracy::expect_softmax(output.data(), row.data(), row.size());
  }
};

// All but these elements are masked.
Floats row_of(size_t channels, const std::vector<std::pair<size_t, float>>& elements)
{
  Floats row(channels, -INFINITY);
  for (const auto& [position, value] : elements) {
    row[position] = value;
  }
  return row;
}

struct FoundRow {
  Floats row;
  // Where it is worst.
  std::string isa;
  std::string algorithm;
};

// What bazel-bin/test/accuracy/worst-rows has found. Where a row is worst it comes near the bound: if it no longer does, the
// arithmetic is another one, whose worst rows are yet to be found, or the bound says nothing.
TEST_P(WorstRowsTest, FoundByDirectedSearch)
{
  const FoundRow found_rows[] = {
      {row_of(17, {{0, 0x1.10401p+5f}, {1, -0x1.a50508p+5f}, {16, 0x1.154242p+4f}}),
       "avx512f", "auto"},
      {row_of(300, {{8, -0x1.000bfap+16f}, {15, -0x1.000208p+16f}, {59, -0x1.000852p+16f}, {114, -0x1.0009bap+16f},
                    {151, -0x1.000482p+16f}, {165, -0x1.0001a2p+16f}, {185, -0x1.000c5cp+16f},
                    {227, -0x1.000852p+16f}, {243, -0x1.ffef3cp+15f}, {253, -0x1.0001ep+16f},
                    {258, -0x1.000154p+16f}, {259, -0x1.000c64p+16f}}),
       "avx512f", "auto"},
      {row_of(17, {{0, 0x1.dc63aep-1f}, {2, 0x1.4726fap+1f}, {3, 0x1.2cde0cp-1f}, {4, 0x1.149226p+1f}, {5, 0x1.57b01ap+1f},
                   {9, 0x1.4726dep+1f}, {10, 0x1.c25deep+1f}, {11, 0x1.4726f2p+1f}, {12, 0x1.ef120cp+0f},
                   {13, 0x1.d8218ap+0f}, {14, 0x1.d04cd8p+1f}, {15, 0x1.ef1208p+0f}, {16, 0x1.226d94p+3f}}),
       "avx512f", "auto"},
      {row_of(300, {{30, 0x1.e8480cp+19f}, {43, 0x1.e84806p+19f}, {66, 0x1.e84832p+19f}, {117, 0x1.e84832p+19f},
                    {156, 0x1.e8484ap+19f}, {165, 0x1.e84822p+19f}, {199, 0x1.e84a1ep+19f}, {215, 0x1.e84806p+19f},
                    {265, 0x1.e84806p+19f}, {287, 0x1.e8484ap+19f}, {292, 0x1.e8467ap+19f}}),
       "avx2", "blocked"},
  };
  for (const FoundRow& found : found_rows) {
    ASSERT_NO_FATAL_FAILURE(check(found.row)) << found.row.size() << " elements";
    if (found.isa == xnnx_isa_name(isa()) && found.algorithm == algorithm().name) {
      xnnx_accuracy::WorstRow worst = {found.row, 0.0, ""};
      xnnx_accuracy::DirectedSearch(isa(), algorithm(), /*seed=*/0).evaluate(&worst);
      EXPECT_GE(worst.part_of_bound, 0.75) << found.row.size() << " elements: " << worst.errors;
    }
  }
}

// Where shifts begin, and where exponents once ended.
TEST_P(WorstRowsTest, JustAboveTheLargestUnshiftedArgument)
{
  for (const float value : {931.6f, 931.62f, -931.62f, -931.6f, 1024.0f, 65536.015625f, -65536.0234375f, 65535.99f}) {
    for (const size_t channels : {size_t{8192}, size_t{20000}, size_t{100000}}) {
      Floats row(channels, value);
      ASSERT_NO_FATAL_FAILURE(check(row)) << value << ", " << channels << " elements";
      for (size_t i = 1; i < channels; i += 2) {
        row[i] -= 1.4f;
      }
      ASSERT_NO_FATAL_FAILURE(check(row)) << value << " and 1.4 less, " << channels << " elements";
    }
  }
}

// A heavy sum, then single elements that raise its exponent four times over, small terms between.
TEST_P(WorstRowsTest, HeavySumsThatAreRaised)
{
  for (const size_t lane_stride : {1, 8, 16}) {
    Floats row(20000, -INFINITY);
    for (size_t i = 0; i < row.size(); i += lane_stride) {
      row[i] = i < 4000 ? 0.3f : -7.7f;
    }
    for (int step = 0; step < 5; step++) {
      row[(5000 + static_cast<size_t>(step) * 480) / lane_stride * lane_stride] =
          8.0f + static_cast<float>(step) * std::log(4.0f);
    }
    ASSERT_NO_FATAL_FAILURE(check(row)) << "every " << lane_stride << "th element";
  }
}

// Maxima on both sides of where shifts change, and where they changed in earlier versions.
TEST_P(WorstRowsTest, ShiftsThatEndInABlock)
{
  for (const Floats& row : {
           row_of(300, {{59, 0x1.feb62cp+15f}, {64, 0x1.ff40cep+15f}, {65, 0x1.ff39dcp+15f}, {80, 0x1.ff40c8p+15f}}),
           row_of(300, {{17, 0x1.7ffedp+16f}, {64, 0x1.804204p+16f}, {80, 0x1.803f04p+16f}, {96, 0x1.8038fep+16f}}),
           row_of(68, {{42, 0x1.fef472p+15f}, {64, 0x1.ff9db6p+15f}, {65, 0x1.ff9d98p+15f}, {67, 0x1.ff92cep+15f}}),
           row_of(300, {{59, -0x1.8002p+16f}, {64, -0x1.7ffep+16f}, {65, -0x1.7ffe2p+16f}}),
           row_of(300, {{59, 931.0f}, {64, 932.5f}, {65, 932.0f}}),
           row_of(300, {{59, -931.5f}, {64, -931.7f}, {65, -932.0f}}),
           row_of(300, {{59, 1536.0f}, {64, 1600.5f}, {65, 1599.0f}}),
       }) {
    ASSERT_NO_FATAL_FAILURE(check(row)) << row.size() << " elements";
  }
}

// Masks whose shift is not that of the few other elements.
TEST_P(WorstRowsTest, ShiftsOfMasks)
{
  for (const float mask : {-931.0f, -1535.0f, -1537.0f, -2048.0f, -10000.0f, -65504.0f, -131072.0f, 1024.0f}) {
    for (const float value : {-139.0f, -511.0f, -513.0f, -900.0f, -932.0f, -1000.0f, -1536.0f, -32767.0f, -98304.0f,
                              500.0f, 1000.0f, 32767.0f}) {
      for (const size_t channels : {size_t{1000}, size_t{3 * 8192}}) {
        Floats row(channels, mask);
        for (size_t i = 0; i < 10; i++) {
          row[channels * 2 / 5 + 100 + i] = std::nextafter(value, 0.0f) - 0.0018f * static_cast<float>(i);
        }
        ASSERT_NO_FATAL_FAILURE(check(row)) << value << " among " << mask << ", " << channels << " elements";
      }
    }
  }
}

TEST_P(WorstRowsTest, NoWorseOneIsFoundNow)
{
  for (const xnnx_accuracy::Place& place : xnnx_accuracy::all_places()) {
    const xnnx_accuracy::WorstRow worst = xnnx_accuracy::DirectedSearch(isa(), algorithm(), /*seed=*/2).climb(place, 60);
    EXPECT_LE(worst.part_of_bound, 1.0) << place.name << ": " << worst.errors << "\n" << xnnx_accuracy::text_of(worst.row);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, WorstRowsTest,
    testing::Combine(testing::ValuesIn(xnnx_accuracy::all_isas()), testing::ValuesIn(xnnx_accuracy::kAlgorithms)),
    [](const testing::TestParamInfo<WorstRowsTest::ParamType>& info) {
      return std::string(xnnx_isa_name(std::get<0>(info.param))) + "_" + std::get<1>(info.param).name;
    });

}  // namespace
