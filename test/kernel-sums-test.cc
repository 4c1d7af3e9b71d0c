// The sums of all kernels, against the exact sums of their own exponentials: what adding up may lose, and no more.

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <cpuinfo.h>
#include <gtest/gtest.h>

#include "src/xnnx/kernels.h"
#include "src/xnnx/softmax-kernels.h"
#include "test/kernel-checks.h"

namespace {

// A sum of two exponentials is one float: it is rounded once.
constexpr double kRoundedOnce = 1.001 * 0x1p-24;
// Where that is exact, sums are compensated, and lose nothing that matters.
constexpr double kCompensated = 0x1p-36;

// Of each family that sums: the sum over exp(x) relative to 2^exponent.
struct Sum {
  double mantissa;
  double exponent;
};

Sum sum_of(xnnx_f32_raddexpminusmax_fn kernel, const Floats& x, float max) {
  double sum;
  kernel(x.size() * sizeof(float), x.data(), &sum, max, max, /*shift=*/0.0f);
  return {sum, xnnx_exponent(max)};
}

Sum sum_of(xnnx_f32_raddstoreexpminusmax_fn kernel, const Floats& x, float max) {
  double sum;
  Floats exponentials(x.size());
  kernel(x.size() * sizeof(float), x.data(), exponentials.data(), &sum, max, max, /*shift=*/0.0f);
  return {sum, xnnx_exponent(max)};
}

// From the first element's exponent on.
Sum sum_of(xnnx_f32_raddstoreexpminusestimate_fn kernel, const Floats& x, float) {
  double sum;
  size_t stored_bytes;
  Floats exponentials(x.size());
  kernel(
      x.size() * sizeof(float), x.data(), exponentials.data(), &sum, x[0], /*shift=*/0.0f, &stored_bytes, x.data());
  EXPECT_EQ(stored_bytes, x.size() * sizeof(float));
  return {sum, xnnx_exponent(x[0])};
}

Sum sum_of(xnnx_f32_raddstoreexpminusestimatestream_fn kernel, const Floats& x, float) {
  double sum;
  size_t stored_bytes;
  Floats exponentials(x.size());
  Floats beside(x.size());
  kernel(
      x.size() * sizeof(float), x.data(), exponentials.data(), &sum, x[0], /*shift=*/0.0f, &stored_bytes, x.data(),
      x.data(), beside.data(), 1.0);
  EXPECT_EQ(stored_bytes, x.size() * sizeof(float));
  return {sum, xnnx_exponent(x[0])};
}

Sum sum_of(xnnx_f32_raddextexp_fn kernel, const Floats& x, float) {
  struct xnnx_pair sum;
  kernel(x.size() * sizeof(float), x.data(), &sum, /*shift=*/0.0f);
  return {sum.mantissa, sum.exponent};
}

// The families that do not sum, or several rows.
Sum sum_of(xnnx_f32_rmax_fn, const Floats&, float) { return {}; }
Sum sum_of(xnnx_f32_vmulc_fn, const Floats&, float) { return {}; }
Sum sum_of(xnnx_f32_vscaleextexp_fn, const Floats&, float) { return {}; }
Sum sum_of(xnnx_f32_softmaxrows_fn, const Floats&, float) { return {}; }

// The exponentials of the instruction set, from which all its kernels sum: they differ by powers of two alone.
xnnx_f32_raddstoreexpminusmax_fn exponentials_of(enum xnnx_isa isa) {
  struct xnnx_softmax_kernels kernels;
  EXPECT_EQ(xnnx_select_softmax_kernels("test", 1u << isa, &kernels), xnn_status_success);
  return kernels.raddstoreexpminusmax;
}

struct SumCase {
  const char* name;
  std::string family;
  enum xnnx_isa isa;
  size_t tile;
  Sum (*sum)(const Floats& x, float max);
};

const SumCase kAllCases[] = {
#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default) \
  {#function, #family, xnnx_isa_##isa, tile, [](const Floats& x, float max) { return sum_of(function, x, max); }},
#include "src/xnnx/gen/kernels.inc"
#undef XNNX_UKERNEL
};

std::vector<SumCase> cases() {
  std::vector<SumCase> result;
  for (const SumCase& sum_case : kAllCases) {
    if (sum_case.family.rfind("radd", 0) == 0) {
      result.push_back(sum_case);
    }
  }
  return result;
}

size_t lanes_of(enum xnnx_isa isa) {
  return std::string(isa_name(isa)) == "avx512f" ? 16 : std::string(isa_name(isa)) == "avx2" ? 8 : 1;
}

class KernelSumsTest : public testing::TestWithParam<SumCase> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cpuinfo_initialize());
    if (!is_present(GetParam().isa)) {
      GTEST_SKIP() << "this processor has no " << isa_name(GetParam().isa);
    }
  }

  size_t lanes() const { return lanes_of(GetParam().isa); }
  size_t tile() const { return GetParam().tile; }

  float random_between(float lowest, float highest) {
    return std::uniform_real_distribution<float>(lowest, highest)(random_engine_);
  }

  // Relative to the exact sum.
  double error_of(const Floats& x) const {
    const float max = *std::max_element(x.begin(), x.end());
    Floats exponentials(x.size());
    double unused;
    exponentials_of(GetParam().isa)(
        x.size() * sizeof(float), x.data(), exponentials.data(), &unused, max, max, /*shift=*/0.0f);
    long double exact = 0.0L;
    for (const float y : exponentials) {
      exact += y;
    }
    const Sum sum = GetParam().sum(x, max);
    const int exponent_difference = static_cast<int>(sum.exponent - static_cast<double>(xnnx_exponent(max)));
    return static_cast<double>(std::abs(std::ldexp(static_cast<long double>(sum.mantissa), exponent_difference) / exact - 1));
  }

  std::mt19937 random_engine_;
};

// Few elements, all in one lane, so that rounding errors do not average out.
TEST_P(KernelSumsTest, FloatsAreAddedOnceBeforeCompensation) {
  for (int trial = 0; trial < 3000; trial++) {
    Floats x(tile(), -INFINITY);
    for (size_t vector = 0; vector < std::min<size_t>(4, tile() / lanes()); vector++) {
      x[vector * lanes()] = random_between(-0.7f, 0.0f);
    }
    ASSERT_LE(error_of(x), kRoundedOnce) << "trial " << trial;
  }
}

// Two equal elements to a term, whose float sum is exact: of all sizes that the sums' reach admits, before which a sum must not be
// smaller, and of larger ones, which raise the exponent of the sum so far.
TEST_P(KernelSumsTest, TermsOfAnySizeAreCompensated) {
  for (int trial = 0; trial < 1000; trial++) {
    const float most = 0.5f * static_cast<float>(trial % 20);
    Floats x(6 * tile(), -INFINITY);
    for (size_t tile_start = 0; tile_start < x.size(); tile_start += tile()) {
      for (size_t in_tile = 0; in_tile < tile(); in_tile += 2 * lanes()) {
        const bool is_first = tile_start + in_tile == 0;
        if (is_first || random_engine_() % 4 == 0) {
          const float element = is_first ? random_between(-0.7f, 0.0f) : random_between(0.0f, most);
          x[tile_start + in_tile] = element;
          if (in_tile + lanes() < tile()) {
            x[tile_start + in_tile + lanes()] = element;
          }
        }
      }
    }
    ASSERT_LE(error_of(x), kCompensated) << "trial " << trial << ", up to " << most;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, KernelSumsTest, testing::ValuesIn(cases()),
    [](const testing::TestParamInfo<SumCase>& info) { return info.param.name; });

}  // namespace
