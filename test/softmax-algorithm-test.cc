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
#include "test/processor-caches.h"

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

  void TearDown() override { caches = Caches(); }

  enum xnnx_isa isa() const { return static_cast<enum xnnx_isa>(GetParam()); }

  std::string choice(size_t channels, uint32_t flags = 0) const {
    return xnnx_softmax_algorithm_name(xnnx_choose_softmax_algorithm(flags, channels, &kernels_));
  }

  struct xnnx_softmax_kernels kernels_;
};

TEST_P(SoftmaxAlgorithmTest, RowsThatFitRegistersTakeOnePass) {
  EXPECT_EQ(choice(1), "one_pass");
  EXPECT_EQ(choice(256), "one_pass");
  EXPECT_EQ(choice(257), "blocked");
}

// Two passes where the row and its output are 1.5 times the last cache or more. With less than AVX-512, arithmetic takes
// longer than memory at any length.
TEST_P(SoftmaxAlgorithmTest, FarBeyondTheLastCacheAvx512TakesTwoPasses) {
  const std::string beyond = xnnx_isa_name(isa()) == std::string("avx512f") ? "two_pass" : "blocked";
  const struct {
    Caches caches;
    size_t first_beyond;  // elements
  } cases[] = {
      {{1 << 20, 32 << 20, 0}, 6291456},
      {{2 << 20, 260u << 20, 0}, 51118080},
      {{1 << 20, 32 << 20, 128 << 20}, 25165824},
      {{64 << 20, 32 << 20, 0}, 6291456},
      {{1 << 20, 0, 0}, 196608},
      {{0, 0, 0}, 49152},
  };
  for (const auto& [some_caches, first_beyond] : cases) {
    caches = some_caches;
    EXPECT_EQ(choice(257), "blocked") << first_beyond;
    EXPECT_EQ(choice(first_beyond - 1), "blocked") << first_beyond;
    EXPECT_EQ(choice(first_beyond), beyond) << first_beyond;
    EXPECT_EQ(choice(SIZE_MAX / 16), beyond) << first_beyond;
  }
}

// An input and an output that fill the last cache.
TEST(SoftmaxCaches, TensorsThatFillTheLastOneDoNotExceedIt) {
  caches = {1 << 20, 32 << 20, 0};
  EXPECT_FALSE(xnnx_tensors_exceed_caches(4194304));
  EXPECT_TRUE(xnnx_tensors_exceed_caches(4194305));
  caches = {1 << 20, 0, 0};
  EXPECT_FALSE(xnnx_tensors_exceed_caches(131072));
  EXPECT_TRUE(xnnx_tensors_exceed_caches(131073));
  caches = Caches();
}

// A third of it, but of a large one that others use as well no more than 24 times a core's own.
TEST(SoftmaxCaches, TensorsAreFarBeforeTheyFillTheLastOne) {
  caches = {1 << 20, 32 << 20, 0};
  EXPECT_FALSE(xnnx_tensors_are_far(1398101));
  EXPECT_TRUE(xnnx_tensors_are_far(1398102));
  caches = {1 << 20, 300 << 20, 0};
  EXPECT_FALSE(xnnx_tensors_are_far(3145728));
  EXPECT_TRUE(xnnx_tensors_are_far(3145729));
  caches = {1 << 20, 0, 0};
  EXPECT_FALSE(xnnx_tensors_are_far(43690));
  EXPECT_TRUE(xnnx_tensors_are_far(43691));
  caches = Caches();
}

// An eighth of it, which with the row that is computed meanwhile is a quarter.
TEST(SoftmaxCaches, ARowWaitsInAnEighthOfTheLastOne) {
  caches = {1 << 20, 32 << 20, 0};
  EXPECT_TRUE(xnnx_row_may_wait_in_cache(1048576));
  EXPECT_FALSE(xnnx_row_may_wait_in_cache(1048577));
  caches = Caches();
}

TEST_P(SoftmaxAlgorithmTest, FlagsForceTheirs) {
  for (const xnnx_accuracy::Algorithm& algorithm : xnnx_accuracy::kAlgorithms) {
    if (algorithm.flags != 0) {
      for (const size_t channels : {size_t{1}, size_t{1000}, size_t{1} << 30}) {
        EXPECT_EQ(choice(channels, algorithm.flags), algorithm.name) << channels;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, SoftmaxAlgorithmTest, testing::Range(0, static_cast<int>(xnnx_isa_count)),
    [](const testing::TestParamInfo<int>& info) { return xnnx_isa_name(static_cast<enum xnnx_isa>(info.param)); });

}  // namespace
