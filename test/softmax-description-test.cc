// What a description names is what runs: the kernels that are called, counted.

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/operators/softmax-description.h"
#include "src/operators/softmax-one-block.h"
#include "src/operators/softmax-stream.h"
#include "src/xnnx/isa.h"
#include "test/operator-fixture.h"

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

class SoftmaxDescriptionTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    uint32_t usable_isas;
    ASSERT_EQ(xnnx_find_usable_isas("test", &usable_isas), xnn_status_success);
    if ((usable_isas >> isa() & 1) == 0) {
      GTEST_SKIP() << "this processor has no " << xnnx_isa_name(isa());
    }
    ASSERT_EQ(xnnx_select_softmax_kernels("test", 1u << isa(), &real), xnn_status_success);
    kernels_ = counting_kernels();
    called.clear();
  }

  enum xnnx_isa isa() const { return static_cast<enum xnnx_isa>(GetParam()); }

  struct xnnx_softmax_row row(enum xnnx_softmax_algorithm algorithm, bool stream) {
    struct xnnx_softmax_row row = {};
    row.kernels = &kernels_;
    row.algorithm = algorithm;
    row.stream = stream;
    row.channels = input_.size() / 2;
    row.input = input_.data();
    row.output = output_.data();
    row.partials = partials_;
    return row;
  }

  // `helpers` look for an estimate, or begin a batch; descriptions leave them out.
  void expect_described(enum xnnx_softmax_algorithm algorithm, bool stream, const std::set<std::string>& helpers) {
    const struct xnnx_softmax_description description =
        xnnx_describe_softmax(2, input_.size() / 2, algorithm, stream, &kernels_);
    std::set<std::string> described;
    for (const char* kernel : description.kernels) {
      if (kernel != nullptr) {
        described.insert(kernel);
      }
    }
    EXPECT_STREQ(description.isa, xnnx_isa_name(isa()));
    EXPECT_STREQ(description.algorithm, xnnx_softmax_algorithm_name(algorithm));
    for (const std::string& helper : helpers) {
      if (described.count(helper) == 0) {
        called.erase(helper);
      }
    }
    EXPECT_EQ(described, called);
  }

  struct xnnx_softmax_kernels kernels_;
  Floats input_ = random_floats(2 * 20000, -10.0f, 10.0f);
  Floats output_ = Floats(input_.size());
  union xnnx_partial_result partials_[8];
};

TEST_P(SoftmaxDescriptionTest, NamesWhatARowCalls) {
  for (const auto algorithm : {xnnx_softmax_blocked, xnnx_softmax_two_pass, xnnx_softmax_three_pass_recompute,
                               xnnx_softmax_three_pass_reload}) {
    for (const bool stream : {false, true}) {
      if (stream && (algorithm == xnnx_softmax_three_pass_reload || algorithm == xnnx_softmax_blocked)) {
        continue;  // not in a row alone
      }
      called.clear();
      const struct xnnx_softmax_row one_row = row(algorithm, stream);
      xnnx_compute_softmax_row(&one_row, /*threadpool=*/nullptr);
      expect_described(algorithm, stream, {real.rmax_identity.name});
    }
  }
}

TEST_P(SoftmaxDescriptionTest, NamesWhatStreamedRowsCall) {
  const struct xnnx_softmax_row first_row = row(xnnx_softmax_blocked, /*stream=*/true);
  Floats scratch(xnnx_stream_scratch_elements(first_row.channels));
  xnnx_stream_rows(&first_row, 2, first_row.channels, first_row.channels, scratch.data());
  expect_described(
      xnnx_softmax_blocked, /*stream=*/true,
      {real.rmax_identity.name, real.raddstoreexpminusestimate_identity.name});
}

TEST_P(SoftmaxDescriptionTest, NamesWhatRowsOfOneBlockCall) {
  struct xnnx_softmax_row first_row = row(xnnx_softmax_blocked, /*stream=*/false);
  first_row.channels = 1000;
  xnnx_compute_one_block_rows(&first_row, 2, first_row.channels, first_row.channels);
  expect_described(xnnx_softmax_blocked, /*stream=*/false, {real.rmax_identity.name});
}

INSTANTIATE_TEST_SUITE_P(
    All, SoftmaxDescriptionTest, testing::Range(0, static_cast<int>(xnnx_isa_count)),
    [](const testing::TestParamInfo<int>& info) { return xnnx_isa_name(static_cast<enum xnnx_isa>(info.param)); });

}  // namespace
