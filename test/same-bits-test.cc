// The operator's bits are those of docs/arithmetic.md, as src/arithmetic/reference.c has them: with every instruction set and
// algorithm, whatever the values, the batch and the threads.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "src/arithmetic/reference.h"
#include "test/operator-fixture.h"

namespace {

class SameBitsTest : public OperatorTest {
 protected:
  void expect_bits(size_t batch_size, const Floats& input, uint32_t further_flags = 0) const {
    const size_t channels = input.size() / batch_size;
    const uint32_t flags = GetParam().algorithm.flags | further_flags;
    Floats expected(input.size());
    for (size_t row = 0; row < batch_size; row++) {
      xnnx_softmax_reference(flags, channels, &input[row * channels], &expected[row * channels]);
    }
    const OperatorPointer op = create(further_flags);
    for (const size_t thread_count : {0, 3}) {
      Floats output(input.size());
      run_softmax(op, dense_shape(batch_size, channels), input.data(), output.data(), shared_pool(thread_count));
      for (size_t i = 0; i < output.size(); i++) {
        ASSERT_EQ(memcmp(&output[i], &expected[i], sizeof(float)), 0)
            << std::hexfloat << output[i] << " instead of " << expected[i] << std::defaultfloat << " in row "
            << i / channels << " of " << batch_size << ", " << channels << " channels, " << thread_count << " threads";
      }
    }
  }
};

// Lengths around vectors, terms, what is short, blocks, what one kernel computes, and some blocks more.
TEST_P(SameBitsTest, OrdinaryRows) {
  for (const size_t channels : {1, 2, 15, 16, 17, 31, 32, 33, 100, 255, 256, 257, 1000, 2047, 2048, 2049, 5000, 8192, 8193,
                                50257}) {
    for (const size_t batch_size : {size_t{1}, size_t{3}, size_t{8}, size_t{19}}) {
      if (batch_size * channels < 200000) {
        ASSERT_NO_FATAL_FAILURE(expect_bits(batch_size, random_floats(batch_size * channels, -10.0f, 10.0f)));
      }
    }
  }
}

TEST_P(SameBitsTest, RareValues) {
  for (const float value : {-INFINITY, INFINITY, NAN, -1e9f, 1e9f, FLT_MAX, -FLT_MAX, 65409.0f, -65409.0f, 98305.0f}) {
    for (const size_t channels : {10, 200, 300, 9000}) {
      Floats input = random_floats(9 * channels, -10.0f, 10.0f);
      input[3 * channels + channels / 2] = value;
      std::fill(&input[5 * channels], &input[6 * channels], value);
      std::fill(&input[7 * channels], &input[7 * channels] + channels / 2, value);
      ASSERT_NO_FATAL_FAILURE(expect_bits(9, input)) << value;
      ASSERT_NO_FATAL_FAILURE(expect_bits(9, input, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS)) << value;
    }
  }
}

// Blocks whose scales differ, up to where nothing is left of one.
TEST_P(SameBitsTest, BlocksOfDifferentScales) {
  for (const float step : {1.0f, -30.0f, 60.0f, 100.0f, -700.0f, 1024.0f, -1500.0f, -70000.0f}) {
    for (const size_t channels : {size_t{8000}, 5 * XNNX_BLOCK_ELEMENTS + 100}) {
      Floats input = random_floats(channels, -10.0f, 10.0f);
      for (size_t i = 0; i < channels; i++) {
        input[i] += step * static_cast<float>(i / XNNX_BLOCK_ELEMENTS);
      }
      ASSERT_NO_FATAL_FAILURE(expect_bits(1, input)) << step;
    }
  }
}

TEST_P(SameBitsTest, WideRanges) {
  for (const float range : {60.0f, 120.0f, 1000.0f, 60000.0f, 1e6f, 1e30f}) {
    for (const size_t channels : {100, 1000, 20000}) {
      ASSERT_NO_FATAL_FAILURE(expect_bits(1, random_floats(channels, -range, range))) << range;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, SameBitsTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

}  // namespace
