// Stores past the caches are in order before all that the caller stores next: a fence comes after the last of them, in every
// kernel and in every way that rows take. Their order among each other shows in no result, so that the instructions are looked at.

#include <immintrin.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "test/operator-fixture.h"
#include "test/single-steps.h"
#include "test/softmax-rows.h"

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

class FenceTest : public testing::TestWithParam<enum xnnx_isa> {
 protected:
  const struct xnnx_softmax_kernels kernels_ = default_kernels(GetParam());
};

TEST_P(FenceTest, KernelsEndWithOne) {
  const size_t most = 600;
  const Floats input = random_floats(most, -1.0f, 1.0f);
  alignas(64) static float output[most + 16];
  for (const size_t count : {size_t{64}, size_t{255}, most}) {
    for (const size_t offset : {0, 1, 15}) {
      const std::string what = std::to_string(count) + " elements at " + std::to_string(offset);
      expect_fence(
          [&] { kernels_.vmulc(count, input.data(), output + offset, 0.3, /*stream=*/true); }, "vmulc, " + what);
      expect_fence(
          [&] { kernels_.vscaleextexp(count, input.data(), output + offset, 2.0f, 0.0f, 0.3, /*stream=*/true); },
          "vscaleextexp, " + what);
      expect_fence(
          [&] { kernels_.vscaleexpminusmax(count, input.data(), output + offset, 1.0f, 0.3, /*stream=*/true); },
          "vscaleexpminusmax, " + what);
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

// An ordinary row, and the other one behind it.
TEST_P(FenceTest, RowsEndWithOne) {
  for (const SoftmaxWay way : kSoftmaxWays) {
    for (const size_t channels : {size_t{300}, XNNX_BLOCK_ELEMENTS + 200}) {
      const std::vector<Floats> rows = last_rows(channels);
      // Single steps take long. Without a sum, rows that are computed again are filled in caches instead.
      const bool is_blocked = way.algorithm == xnnx_softmax_blocked;
      for (size_t kind = 0; way.stream && kind < rows.size(); kind += channels > XNNX_BLOCK_ELEMENTS ? 4 : 1) {
        if (!is_blocked && 1 <= kind && kind <= 3) {
          continue;
        }
        Floats input = rows[0];
        input.insert(input.end(), rows[kind].begin(), rows[kind].end());
        Floats output(input.size());
        expect_fence(
            [&] {
              compute_softmax_rows(
                  kernels_, way, /*zero_if_fully_masked=*/false, /*row_count=*/2, channels, input.data(), output.data());
            },
            std::string(xnnx_softmax_algorithm_name(way.algorithm)) + ", " + std::to_string(channels) +
                " channels, last row " + std::to_string(kind));
      }
    }
  }
}

// Plain C has no stores past the caches.
std::vector<enum xnnx_isa> streaming_isas() {
  std::vector<enum xnnx_isa> isas = usable_isas();
  isas.erase(std::remove(isas.begin(), isas.end(), xnnx_isa_scalar), isas.end());
  return isas;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FenceTest);
INSTANTIATE_TEST_SUITE_P(
    All, FenceTest, testing::ValuesIn(streaming_isas()),
    [](const testing::TestParamInfo<enum xnnx_isa>& info) { return xnnx_isa_name(info.param); });

}  // namespace
