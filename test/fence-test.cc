// Stores past the caches are in order before all that the caller stores next: a fence comes after the last of them, in every
// kernel and in every way that rows take. Their order among each other shows in no result, so that the instructions are looked at.

#include <immintrin.h>

#include <cfloat>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "src/operators/softmax-stream.h"
#include "src/xnnx/isa.h"
#include "src/xnnx/kernels.h"
#include "test/operator-fixture.h"
#include "test/single-steps.h"

namespace {

void expect_fence(const std::function<void()>& function, const std::string& what) {
  const Steps steps = single_steps_of(function);
  EXPECT_GT(steps.non_temporal_stores, 0u) << what;
  EXPECT_EQ(steps.unfenced_stores, 0u) << what << ", of " << steps.non_temporal_stores << " stores past the caches";
}

TEST(SingleSteps, SeesStoresAndFences) {
  alignas(64) static float output[16];
  const __m128 zero = _mm_setzero_ps();
  Steps steps = single_steps_of([&] {
    _mm_stream_ps(output, zero);
    _mm_stream_ps(output + 4, zero);
  });
  EXPECT_EQ(steps.non_temporal_stores, 2u);
  EXPECT_EQ(steps.unfenced_stores, 2u);
  steps = single_steps_of([&] {
    _mm_stream_ps(output, zero);
    _mm_sfence();
    output[5] = 1.0f;
  });
  EXPECT_EQ(steps.non_temporal_stores, 1u);
  EXPECT_EQ(steps.unfenced_stores, 0u);
}

class FenceTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    uint32_t usable_isas;
    ASSERT_EQ(xnnx_find_usable_isas("test", &usable_isas), xnn_status_success);
    if ((usable_isas >> isa() & 1) == 0) {
      GTEST_SKIP() << "this processor has no " << xnnx_isa_name(isa());
    }
    if (isa() == xnnx_isa_scalar) {
      GTEST_SKIP() << "plain C has no stores past the caches";
    }
    ASSERT_EQ(xnnx_select_softmax_kernels("test", 1u << isa(), &kernels_), xnn_status_success);
  }

  enum xnnx_isa isa() const { return static_cast<enum xnnx_isa>(GetParam()); }

  struct xnnx_softmax_kernels kernels_;
};

TEST_P(FenceTest, KernelsEndWithOne) {
  const size_t most = 600;
  const Floats input = random_floats(most, -1.0f, 1.0f);
  alignas(64) static float output[most + 16];
  for (const size_t count : {size_t{64}, size_t{255}, most}) {
    for (const size_t offset : {0, 1, 15}) {
      const std::string what = std::to_string(count) + " elements at " + std::to_string(offset);
      expect_fence(
          [&] { kernels_.vmulcstream(count * sizeof(float), input.data(), output + offset, 0.3); }, "vmulcstream, " + what);
      expect_fence(
          [&] { kernels_.vscaleextexpstream(count * sizeof(float), input.data(), output + offset, 0.3, 2.0f, 0.0f); },
          "vscaleextexpstream, " + what);
    }
  }
}

// The last row of each is another one: of those, too, whose first estimate or first way is wrong.
std::vector<Floats> last_rows(size_t channels) {
  const Floats ordinary = random_floats(channels, -10.0f, 10.0f);
  std::vector<Floats> rows(7, ordinary);
  rows[1][channels / 2] = NAN;
  rows[2][channels - 100] = INFINITY;
  rows[3].assign(channels, -INFINITY);
  rows[4][channels - 100] = 200.0f;
  rows[5][channels - 100] = 1e8f;
  rows[6].assign(channels, -FLT_MAX);
  return rows;
}

TEST_P(FenceTest, StreamedRowsEndWithOne) {
  for (const size_t channels : {size_t{300}, XNNX_BLOCK_ELEMENTS + 200}) {
    const std::vector<Floats> rows = last_rows(channels);
    for (size_t kind = 0; kind < rows.size(); kind += channels > XNNX_BLOCK_ELEMENTS ? 3 : 1) {
      Floats input = rows[0];
      input.insert(input.end(), rows[kind].begin(), rows[kind].end());
      Floats output(input.size());
      Floats scratch(xnnx_stream_scratch_elements(channels));
      union xnnx_partial_result partials[2];
      struct xnnx_softmax_row row = {};
      row.kernels = &kernels_;
      row.algorithm = xnnx_softmax_blocked;
      row.stream = true;
      row.channels = channels;
      row.input = input.data();
      row.output = output.data();
      row.partials = partials;
      expect_fence(
          [&] { xnnx_stream_rows(&row, 2, channels, channels, scratch.data()); },
          std::to_string(channels) + " channels, last row " + std::to_string(kind));
    }
  }
}

TEST_P(FenceTest, RecomputedRowsEndWithOne) {
  const size_t channels = XNNX_BLOCK_ELEMENTS + 200;
  const std::vector<Floats> rows = last_rows(channels);
  for (const auto algorithm : {xnnx_softmax_two_pass, xnnx_softmax_three_pass_recompute}) {
    for (const size_t kind : {0, 5}) {  // those without a sum are filled, in caches
      Floats output(channels);
      union xnnx_partial_result partials[2];
      struct xnnx_softmax_row row = {};
      row.kernels = &kernels_;
      row.algorithm = algorithm;
      row.stream = true;
      row.channels = channels;
      row.input = rows[kind].data();
      row.output = output.data();
      row.partials = partials;
      expect_fence(
          [&] { xnnx_compute_softmax_row(&row, /*threadpool=*/nullptr); },
          std::string(xnnx_softmax_algorithm_name(algorithm)) + ", row " + std::to_string(kind));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, FenceTest, testing::Range(0, static_cast<int>(xnnx_isa_count)),
    [](const testing::TestParamInfo<int>& info) { return xnnx_isa_name(static_cast<enum xnnx_isa>(info.param)); });

}  // namespace
