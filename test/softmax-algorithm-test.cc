// Which algorithm a softmax operator takes for rows of which length.

#include <cstddef>
#include <cstdint>
#include <string>

#include <cpuinfo.h>
#include <gtest/gtest.h>

#include "src/xnnx/isa.h"
#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-kernels.h"
#include "test/accuracy/algorithm.h"

namespace {

class SoftmaxAlgorithmTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cpuinfo_initialize());
    uint32_t usable_isas;
    ASSERT_EQ(xnnx_find_usable_isas("test", &usable_isas), xnn_status_success);
    if ((usable_isas >> isa() & 1) == 0) {
      GTEST_SKIP() << "this processor has no " << xnnx_isa_name(isa());
    }
    ASSERT_EQ(xnnx_select_softmax_kernels("test", 1u << isa(), &kernels_), xnn_status_success);
  }

  enum xnnx_isa isa() const { return static_cast<enum xnnx_isa>(GetParam()); }

  std::string choice(size_t channels, uint32_t flags = 0) const {
    return xnnx_softmax_algorithm_name(xnnx_choose_softmax_algorithm(flags, channels, &kernels_));
  }

  // Elements of a row that with its output just fits the caches.
  static size_t largest_cached_row() {
    size_t fits = 1;
    for (size_t step = size_t{1} << 40; step != 0; step /= 2) {
      fits += xnnx_tensors_exceed_caches(fits + step) ? 0 : step;
    }
    return fits;
  }

  struct xnnx_softmax_kernels kernels_;
};

TEST_P(SoftmaxAlgorithmTest, RowsThatFitRegistersTakeOnePass) {
  const size_t tile = kernels_.softmaxrows_identity.tile;
  EXPECT_EQ(choice(1), "one_pass");
  EXPECT_EQ(choice(tile), "one_pass");
  EXPECT_EQ(choice(tile + 1), "blocked");
}

TEST_P(SoftmaxAlgorithmTest, RowsThatFitACacheAreBlocked) {
  for (size_t channels = kernels_.softmaxrows_identity.tile + 1; channels <= largest_cached_row(); channels *= 2) {
    EXPECT_EQ(choice(channels), "blocked") << channels;
  }
}

// With less than AVX-512, arithmetic takes longer than memory at any length.
TEST_P(SoftmaxAlgorithmTest, FarBeyondTheCachesAvx512TakesTwoPasses) {
  const char* expected = isa() == xnnx_isa_avx512f ? "two_pass" : "blocked";
  for (size_t channels = 8 * largest_cached_row(); channels < SIZE_MAX / 16; channels *= 2) {
    EXPECT_EQ(choice(channels), expected) << channels;
  }
}

TEST_P(SoftmaxAlgorithmTest, FlagsForceTheirs) {
  for (const xnnx_accuracy::Algorithm& algorithm : xnnx_accuracy::kAlgorithms) {
    if (algorithm.flags != 0) {
      for (const size_t channels : {size_t{1}, size_t{1000}, 16 * largest_cached_row()}) {
        EXPECT_EQ(choice(channels, algorithm.flags), algorithm.name) << channels;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, SoftmaxAlgorithmTest, testing::Range(0, static_cast<int>(xnnx_isa_count)),
    [](const testing::TestParamInfo<int>& info) { return xnnx_isa_name(static_cast<enum xnnx_isa>(info.param)); });

}  // namespace
