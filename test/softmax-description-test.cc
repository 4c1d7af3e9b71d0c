// What a description names is what runs: the kernels that are called, counted.

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/operators/softmax-description.h"
#include "test/operator-fixture.h"
#include "test/softmax-rows.h"

namespace {

struct xnnx_softmax_kernels real;
std::set<std::string> called;

// Of each family a kernel with the parameters of any, which notes its name and passes the call on.
#define XNNX_FAMILY(family)                            \
  struct counting_##family {                           \
    template <typename... Arguments>                   \
    static void call(Arguments... arguments) {         \
      called.insert(real.family##_identity.name);      \
      real.family(arguments...);                       \
    }                                                  \
  };
XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY

struct xnnx_softmax_kernels counting_kernels() {
  struct xnnx_softmax_kernels kernels = real;
#define XNNX_FAMILY(family) kernels.family = &counting_##family::call;
  XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY
  return kernels;
}

class SoftmaxDescriptionTest : public testing::TestWithParam<enum xnnx_isa> {
 protected:
  void SetUp() override {
    real = default_kernels(GetParam());
    kernels_ = counting_kernels();
  }

  void expect_described(SoftmaxWay way, size_t channels) const {
    const struct xnnx_softmax_description description =
        xnnx_describe_softmax(/*batch_size=*/2, channels, way.algorithm, way.stream, &kernels_);
    std::set<std::string> described;
    for (const char* kernel : description.kernels) {
      if (kernel != nullptr) {
        described.insert(kernel);
      }
    }
    EXPECT_STREQ(description.isa, xnnx_isa_name(GetParam()));
    EXPECT_STREQ(description.algorithm, xnnx_softmax_algorithm_name(way.algorithm));
    EXPECT_EQ(described, called);
  }

  struct xnnx_softmax_kernels kernels_;
};

TEST_P(SoftmaxDescriptionTest, NamesWhatIsCalled) {
  for (const SoftmaxWay way : kSoftmaxWays) {
    for (const size_t channels : {size_t{100}, size_t{20000}}) {
      if (way.algorithm == xnnx_softmax_one_pass && channels > XNNX_CACHED_ROW_CHANNELS) {
        continue;
      }
      const Floats input = random_floats(2 * channels, -10.0f, 10.0f);
      Floats output(input.size());
      called.clear();
      compute_softmax_rows(
          kernels_, way, /*zero_if_fully_masked=*/false, /*row_count=*/2, channels, input.data(), output.data());
      expect_described(way, channels);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, SoftmaxDescriptionTest, testing::ValuesIn(usable_isas()),
    [](const testing::TestParamInfo<enum xnnx_isa>& info) { return xnnx_isa_name(info.param); });

}  // namespace
