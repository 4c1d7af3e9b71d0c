// The values that the operator computes, ordinary, huge, masked and special ones, with every instruction set and
// algorithm.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "src/operators/softmax-row.h"
#include "src/xnnx/exp.h"
#include "test/operator-fixture.h"

namespace {

constexpr size_t kBlock = XNNX_BLOCK_ELEMENTS;

class OperatorValuesTest : public OperatorTest {};

TEST_P(OperatorValuesTest, EveryCountUpToThreeTiles) {
  for (size_t channels = 1; channels <= 400; channels++) {
    ASSERT_NO_FATAL_FAILURE(check_row(random_floats(channels, -10.0f, 10.0f, channels)));
  }
}

TEST_P(OperatorValuesTest, RowsOfSeveralBlocks) {
  for (const size_t channels : {kBlock - 1, kBlock, kBlock + 1, 2 * kBlock - 1, 2 * kBlock, 2 * kBlock + 17,
                                9 * kBlock + 5, 100 * kBlock + 3}) {
    ASSERT_NO_FATAL_FAILURE(check_row(random_floats(channels, -10.0f, 10.0f, channels)));
  }
}

// So long that sums in single precision would lose digits, and that AVX-512 takes another algorithm.
TEST_P(OperatorValuesTest, RowBeyondTheCaches) {
  static const Floats input = random_floats((size_t{1} << 23) + 5, -10.0f, 10.0f);
  static const xnnx_accuracy::ExactSoftmax exact(input.data(), input.size());
  const OperatorPointer op = create();
  const Floats output = softmax_of(op, input);
  expect_softmax(output.data(), input.data(), input.size(), exact);
  expect_variant_ran(op);
}

TEST_P(OperatorValuesTest, EqualElements) {
  for (const float value : {0.0f, 1.0f, -87.3f, 88.8f, 65536.0f, -65536.0f, 65537.0f, 1e20f, FLT_MAX, -FLT_MAX}) {
    for (const size_t channels : {size_t{1}, size_t{2}, size_t{3}, size_t{1000}, 2 * kBlock + 1}) {
      ASSERT_NO_FATAL_FAILURE(check_row(Floats(channels, value))) << value;
    }
  }
}

TEST_P(OperatorValuesTest, WideRanges) {
  for (const float magnitude : {50.0f, 100.0f, 1000.0f, 60000.0f, 70000.0f, 1e6f, 1e20f, FLT_MAX / 2.0f}) {
    for (const size_t channels : {size_t{2}, size_t{15}, size_t{333}, size_t{1000}, 3 * kBlock + 5}) {
      ASSERT_NO_FATAL_FAILURE(check_row(random_floats(channels, -magnitude, magnitude, channels))) << magnitude;
    }
  }
}

// Every result from 1 down to far below FLT_MIN.
TEST_P(OperatorValuesTest, Underflow) {
  Floats input(3001);
  for (size_t i = 0; i < input.size(); i++) {
    input[i] = -0.04f * static_cast<float>(i);
  }
  ASSERT_NO_FATAL_FAILURE(check_row(input));
  std::reverse(input.begin(), input.end());
  ASSERT_NO_FATAL_FAILURE(check_row(input));
}

// The largest elements a little apart, at offsets where floats are coarse.
TEST_P(OperatorValuesTest, Offsets) {
  for (const float offset : {600.0f, 920.0f, 1e3f, 1024.0f, 1530.0f, 3e4f, 65536.0f, 1e5f, 1e6f, 4e6f, 1e8f, 1e20f, FLT_MAX}) {
    for (const float signed_offset : {offset, -offset}) {
      for (const size_t channels : {size_t{3}, size_t{15}, size_t{333}, kBlock + 5}) {
        Floats input = random_floats(channels, -10.0f, 10.0f);
        for (float& element : input) {
          element = std::clamp(element + signed_offset, -FLT_MAX, FLT_MAX);
        }
        ASSERT_NO_FATAL_FAILURE(check_row(input)) << signed_offset;
      }
    }
  }
}

TEST_P(OperatorValuesTest, NeighboursAtLargeMagnitudes) {
  ASSERT_NO_FATAL_FAILURE(check_row({1e8f, 1e8f, 1e8f + 8.0f}));
  ASSERT_NO_FATAL_FAILURE(check_row({-1e8f, -1e8f, -1e8f + 8.0f}));
  ASSERT_NO_FATAL_FAILURE(check_row({4e6f, 4e6f + 0.5f, 4e6f + 1.0f}));
  for (const float value : {931.0f, 932.0f, 1024.0f, 1536.0f, 65536.0f, 1e20f, FLT_MAX}) {
    for (const float other : {std::nextafter(value, 0.0f), value / 2.0f, 0.0f, -value}) {
      ASSERT_NO_FATAL_FAILURE(check_row({value, other, value})) << value << " and " << other;
      ASSERT_NO_FATAL_FAILURE(check_row({-value, -other, -value})) << -value << " and " << -other;
    }
  }
}

TEST_P(OperatorValuesTest, OneLargeElementAtEveryPosition) {
  const size_t channels = 300;
  for (const float value : {100.0f, 932.0f, 1e6f, 1e30f, FLT_MAX}) {
    for (size_t position = 0; position < channels; position++) {
      Floats input = random_floats(channels, -10.0f, 10.0f);
      input[position] = value;
      ASSERT_NO_FATAL_FAILURE(check_row(input)) << value << " at " << position;
    }
  }
}

TEST_P(OperatorValuesTest, MasksAtEveryPosition) {
  const size_t channels = 300;
  const Floats floats = random_floats(channels, -10.0f, 10.0f);
  for (const float mask : {-1e4f, -1e9f, -1e20f, -1e30f, -FLT_MAX, -INFINITY}) {
    for (size_t position = 0; position < channels; position++) {
      Floats one_mask = floats;
      one_mask[position] = mask;
      ASSERT_NO_FATAL_FAILURE(check_row(one_mask)) << mask << " at " << position;
      Floats other_masks(channels, mask);
      other_masks[position] = floats[position];
      ASSERT_NO_FATAL_FAILURE(check_row(other_masks)) << mask << " everywhere but at " << position;
    }
  }
}

TEST_P(OperatorValuesTest, MaskedBlocks) {
  const size_t channels = 3 * kBlock + 100;
  for (const float mask : {-1e4f, -1e9f, -FLT_MAX, -INFINITY}) {
    for (size_t block = 0; block < 4; block++) {
      Floats one_masked = random_floats(channels, -10.0f, 10.0f);
      const auto block_start = one_masked.begin() + block * kBlock;
      const auto block_end = one_masked.begin() + std::min((block + 1) * kBlock, channels);
      Floats others_masked(channels, mask);
      std::copy(block_start, block_end, others_masked.begin() + block * kBlock);
      std::fill(block_start, block_end, mask);
      ASSERT_NO_FATAL_FAILURE(check_row(one_masked)) << mask << " in block " << block;
      ASSERT_NO_FATAL_FAILURE(check_row(others_masked)) << mask << " in all blocks but " << block;
    }
  }
}

// Blocks whose maxima are far from each other, in both orders.
TEST_P(OperatorValuesTest, BlocksOfDifferentMagnitude) {
  Floats input;
  for (const float offset : {-900.0f, -100.0f, 0.0f, 3.0f, 50.0f}) {
    for (const float element : random_floats(kBlock, -5.0f, 5.0f)) {
      input.push_back(element + offset);
    }
  }
  ASSERT_NO_FATAL_FAILURE(check_row(input));
  std::reverse(input.begin(), input.end());
  ASSERT_NO_FATAL_FAILURE(check_row(input));
}

Floats with(Floats floats, size_t position, float value) {
  floats[position] = value;
  return floats;
}

// Blocks that the blocked algorithm stores at once, in part, later or not at all.
std::vector<Floats> blocks_of_all_kinds() {
  const Floats ordinary = random_floats(kBlock, -10.0f, 10.0f);
  std::vector<Floats> blocks = {ordinary, with(ordinary, kBlock / 3, NAN), with(ordinary, kBlock - 1, INFINITY)};
  for (const float mask : {-INFINITY, -1e9f}) {
    const Floats masked(kBlock, mask);
    Floats start_masked = ordinary;
    std::fill_n(start_masked.begin(), 100, mask);
    blocks.insert(blocks.end(), {masked, with(masked, kBlock / 2, NAN), start_masked});
  }
  // At the limits of what is stored and of what is computed without subtracting the maximum.
  for (const float offset :
       {XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT, XNNX_EXP_SHIFT_STEP, XNNX_EXP_SHIFT_STEP * 1.5f}) {
    for (const float signed_offset : {offset, -offset}) {
      for (const float distance : {-20.0f, 0.0f, 20.0f}) {
        const float middle = signed_offset + distance;
        blocks.push_back(random_floats(kBlock, middle - 10.0f, middle + 10.0f));
      }
    }
  }
  // Ascending by a little less than what may be stored, so that exponentials are as large as numbers that need another
  // way; and by more.
  for (const float offset : {0.0f, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT - 10.5f}) {
    for (const float step : {43.0f, 50.0f}) {
      Floats ascending = ordinary;
      for (size_t i = 0; i < kBlock; i++) {
        ascending[i] += offset + (i < 1000 ? 0.0f : step);
      }
      blocks.insert(blocks.end(), {ascending, with(ascending, kBlock - 1, NAN)});
    }
  }
  const float smallest_beyond = std::nextafter(XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT, INFINITY);
  blocks.insert(blocks.end(), {with(Floats(kBlock, -INFINITY), 7, smallest_beyond), with(ordinary, 2000, 1e8f)});
  return blocks;
}

// The third block is a short one that is stored at once, or missing.
TEST_P(OperatorValuesTest, BlocksOfAllKindsBesideEachOther) {
  const std::vector<Floats> blocks = blocks_of_all_kinds();
  for (size_t first = 0; first < blocks.size(); first++) {
    for (size_t second = 0; second < blocks.size(); second++) {
      Floats input = blocks[first];
      input.insert(input.end(), blocks[second].begin(), blocks[second].end());
      for (const size_t channels : {2 * kBlock, 2 * kBlock + 5}) {
        input.resize(channels, 1.0f);
        ASSERT_NO_FATAL_FAILURE(check_row(input)) << "kinds " << first << " and " << second << ", " << channels;
      }
    }
  }
}

TEST_P(OperatorValuesTest, RowsOfAllKindsBesideEachOther) {
  std::vector<Floats> rows = blocks_of_all_kinds();
  for (const size_t channels : {size_t{100}, size_t{300}, kBlock}) {
    const OperatorPointer op = create();
    Floats input;
    Floats expected;
    for (const Floats& whole_row : rows) {
      const Floats row(whole_row.end() - channels, whole_row.end());
      input.insert(input.end(), row.begin(), row.end());
      const Floats alone = softmax_of(op, row);
      ASSERT_NO_FATAL_FAILURE(expect_softmax(alone.data(), row.data(), channels));
      expected.insert(expected.end(), alone.begin(), alone.end());
    }
    Floats output(input.size());
    run_softmax(op, dense_shape(rows.size(), channels), input.data(), output.data());
    ASSERT_EQ(memcmp(output.data(), expected.data(), output.size() * sizeof(float)), 0) << channels << " channels";
    run_softmax(op, dense_shape(rows.size(), channels), input.data(), input.data());
    ASSERT_EQ(memcmp(input.data(), expected.data(), output.size() * sizeof(float)), 0) << channels << ", in place";
  }
}

TEST_P(OperatorValuesTest, NanAndInfinityMakeTheWholeRowNan) {
  for (const size_t channels : {size_t{1}, size_t{2}, size_t{17}, size_t{300}, 2 * kBlock + 30}) {
    for (const float special : {NAN, -NAN, INFINITY}) {
      for (const float background : {0.5f, 1e30f, -FLT_MAX, -INFINITY, INFINITY}) {
        for (const size_t position : {size_t{0}, channels / 3, channels / 2, channels - 1}) {
          Floats input(channels, background);
          input[position] = special;
          ASSERT_NO_FATAL_FAILURE(check_row(input)) << special << " at " << position << " in " << background;
          ASSERT_NO_FATAL_FAILURE(check_row(input, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS))
              << special << " at " << position << " in " << background;
        }
      }
    }
  }
}

TEST_P(OperatorValuesTest, NanAtEveryPosition) {
  const size_t channels = 300;
  for (size_t position = 0; position < channels; position++) {
    Floats input = random_floats(channels, -10.0f, 10.0f);
    input[position] = NAN;
    ASSERT_NO_FATAL_FAILURE(check_row(input)) << "at " << position;
  }
}

TEST_P(OperatorValuesTest, FullyMaskedRows) {
  for (const size_t channels : {size_t{1}, size_t{16}, size_t{300}, 2 * kBlock + 30}) {
    const Floats masks(channels, -INFINITY);
    const Floats without_flag = softmax_of(create(), masks);
    EXPECT_TRUE(std::all_of(without_flag.begin(), without_flag.end(), [](float y) { return std::isnan(y); }));
    const Floats with_flag = softmax_of(create(XNNX_FLAG_ZERO_FULLY_MASKED_ROWS), masks);
    EXPECT_EQ(with_flag, Floats(channels, 0.0f));
    // Finite masks are ordinary numbers.
    ASSERT_NO_FATAL_FAILURE(check_row(Floats(channels, -1e9f), XNNX_FLAG_ZERO_FULLY_MASKED_ROWS));
    ASSERT_NO_FATAL_FAILURE(check_row(Floats(channels, -FLT_MAX), XNNX_FLAG_ZERO_FULLY_MASKED_ROWS));
  }
}

// One row of each kind in a batch: none of them disturbs its neighbours.
TEST_P(OperatorValuesTest, HostileRowsInABatch) {
  for (const size_t channels : {size_t{37}, size_t{700}, kBlock + 9}) {
    const Shape shape = dense_shape(channels < kBlock ? 40 : 9, channels);
    Floats input = random_floats(shape.batch_size * channels, -10.0f, 10.0f);
    input[1 * channels + 5] = NAN;
    input[3 * channels + 36] = INFINITY;
    std::fill_n(input.begin() + 4 * channels, channels, -INFINITY);
    input[6 * channels] = 1e20f;
    input[7 * channels + 20] = -FLT_MAX;
    for (const uint32_t flags : {0u, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS, XNNX_FLAG_KEEP_OUTPUT_IN_CACHE}) {
      Floats output(input.size());
      const OperatorPointer op = create(flags);
      run_softmax(op, shape, input.data(), output.data());
      for (size_t row = 0; row < shape.batch_size; row++) {
        ASSERT_NO_FATAL_FAILURE(expect_softmax(
            &output[row * channels], &input[row * channels], channels, flags == XNNX_FLAG_ZERO_FULLY_MASKED_ROWS))
            << "row " << row;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, OperatorValuesTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

}  // namespace
