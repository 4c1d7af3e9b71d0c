// Rows that are not ordinary, NaN above all, in every way in which a row may be computed: alone and beside others, in one
// block and in several, in place, past the caches, on every number of threads.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "src/operators/softmax-row.h"
#include "test/operator-fixture.h"
#include "test/softmax-rows.h"

namespace {

constexpr size_t kBlock = XNNX_BLOCK_ELEMENTS;

// One pass with most instruction sets, or with the widest alone; one block; several, the last one short.
constexpr size_t kLengths[] = {7, 100, 300, 2 * kBlock + 100};

struct RareRow {
  std::string name;
  Floats input;
};

struct Element {
  size_t position;
  float value;
};

Floats with(Floats row, std::initializer_list<Element> elements) {
  for (const Element& element : elements) {
    row[element.position] = element.value;
  }
  return row;
}

// Rows that are NaN throughout. In the long ones what is rare stands in different blocks.
std::vector<RareRow> nan_rows(size_t channels) {
  const Floats ordinary = random_floats(channels, -10.0f, 10.0f);
  const Floats masks(channels, -INFINITY);
  const size_t first = 1;
  const size_t middle = channels / 2;
  const size_t last = channels - 1;
  std::vector<RareRow> rows;
  const size_t places[][3] = {{first, middle, last}, {last, first, middle}, {middle, last, first},
                              {last, middle, first}, {0, first, 2},         {last, last - 1, last - 2}};
  for (const auto& place : places) {
    const std::string where = " at " + std::to_string(place[0]) + ", " + std::to_string(place[1]) + " and " +
                              std::to_string(place[2]);
    for (const float nan : {NAN, -NAN}) {
      const Floats among_large = with(ordinary, {{place[0], nan}, {place[1], 1e30f}, {place[2], 70000.0f}});
      rows.push_back({"NaN, 1e30 and 70000" + where, among_large});
      rows.push_back({"NaN and infinity" + where, with(ordinary, {{place[0], nan}, {place[1], INFINITY}})});
      rows.push_back({"NaN among masks" + where, with(masks, {{place[0], nan}})});
      rows.push_back({"NaN and -1e30 among masks" + where, with(masks, {{place[0], nan}, {place[1], -1e30f}})});
    }
    rows.push_back({"infinity" + where, with(ordinary, {{place[0], INFINITY}})});
    rows.push_back({"infinity and 1e30" + where, with(ordinary, {{place[0], INFINITY}, {place[1], 1e30f}})});
    rows.push_back({"infinity among masks" + where, with(masks, {{place[0], INFINITY}})});
  }
  // Its bits must not be left.
  const uint32_t bits = 0x7FA12345;  // signalling
  float payload;
  memcpy(&payload, &bits, sizeof(payload));
  Floats signalling = ordinary;
  memcpy(&signalling[middle], &payload, sizeof(payload));
  rows.push_back({"a signalling NaN", signalling});
  rows.push_back({"NaN throughout", Floats(channels, -NAN)});
  rows.push_back({"infinity throughout", Floats(channels, INFINITY)});
  return rows;
}

// Every NaN has the same bits.
testing::AssertionResult is_canonical_nan(const float* output, size_t channels) {
  for (size_t i = 0; i < channels; i++) {
    uint32_t bits;
    memcpy(&bits, &output[i], sizeof(bits));
    if (bits != 0x7FC00000u) {
      return testing::AssertionFailure() << std::hex << bits << std::dec << " (" << output[i] << ") at " << i;
    }
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult is_plus_zero(const float* output, size_t channels) {
  const Floats zeros(channels);
  const bool is_zero = memcmp(output, zeros.data(), channels * sizeof(float)) == 0;
  return is_zero ? testing::AssertionSuccess() : testing::AssertionFailure() << output[0];
}

class RareRowsTest : public OperatorTest {};

TEST_P(RareRowsTest, NanHasTheSameBitsAloneAndInPlace) {
  for (const uint32_t flags : {0u, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS}) {
    const OperatorPointer op = create(flags);
    for (const size_t channels : kLengths) {
      for (const RareRow& row : nan_rows(channels)) {
        const Floats output = softmax_of(op, row.input);
        ASSERT_TRUE(is_canonical_nan(output.data(), channels)) << row.name << ", " << channels << " channels";
        Floats in_place = row.input;
        run_softmax(op, dense_shape(1, channels), in_place.data(), in_place.data());
        ASSERT_TRUE(is_canonical_nan(in_place.data(), channels)) << row.name << ", " << channels << " channels, in place";
      }
    }
  }
}

// A batch of NaN rows with ordinary ones between them, which have the bits that they have alone.
TEST_P(RareRowsTest, NanHasTheSameBitsInABatchOnAnyThreads) {
  const OperatorPointer op = create();
  for (const size_t channels : kLengths) {
    const std::vector<RareRow> rows = nan_rows(channels);
    const Floats ordinary = random_floats(channels, -10.0f, 10.0f, /*seed=*/2);
    const Floats expected = softmax_of(op, ordinary);
    Floats input;
    for (const RareRow& row : rows) {
      input.insert(input.end(), row.input.begin(), row.input.end());
      input.insert(input.end(), ordinary.begin(), ordinary.end());
    }
    const Shape shape = dense_shape(2 * rows.size(), channels);
    for (const size_t thread_count : {0, 1, 2, 3}) {
      for (const bool in_place : {false, true}) {
        Floats tensor = input;
        Floats other(input.size());
        Floats& output = in_place ? tensor : other;
        run_softmax(op, shape, tensor.data(), output.data(), shared_pool(thread_count));
        for (size_t i = 0; i < rows.size(); i++) {
          const float* row_output = &output[2 * i * channels];
          ASSERT_TRUE(is_canonical_nan(row_output, channels))
              << rows[i].name << ", " << channels << " channels, " << thread_count << " threads";
          ASSERT_EQ(memcmp(row_output + channels, expected.data(), channels * sizeof(float)), 0)
              << "behind " << rows[i].name << ", " << channels << " channels, " << thread_count << " threads";
        }
      }
    }
  }
}

// Zeros are for rows of nothing but masks alone, however many blocks of them there are.
TEST_P(RareRowsTest, FullyMaskedRowsAreNanOrZero) {
  const OperatorPointer op = create();
  const OperatorPointer zeroing_op = create(XNNX_FLAG_ZERO_FULLY_MASKED_ROWS);
  for (const size_t channels : kLengths) {
    const Floats masks(channels, -INFINITY);
    ASSERT_TRUE(is_canonical_nan(softmax_of(op, masks).data(), channels)) << channels << " channels";
    ASSERT_TRUE(is_plus_zero(softmax_of(zeroing_op, masks).data(), channels)) << channels << " channels";
    for (size_t position = 0; position < channels; position += std::max<size_t>(1, channels / 9)) {
      const Floats with_nan = with(masks, {{position, NAN}});
      ASSERT_TRUE(is_canonical_nan(softmax_of(zeroing_op, with_nan).data(), channels)) << "NaN at " << position;
      const Floats with_infinity = with(masks, {{position, INFINITY}});
      ASSERT_TRUE(is_canonical_nan(softmax_of(zeroing_op, with_infinity).data(), channels)) << "infinity at " << position;
      for (const float value : {70000.0f, -70000.0f, 1e30f, -FLT_MAX}) {
        const Floats output = softmax_of(zeroing_op, with(masks, {{position, value}}));
        ASSERT_EQ(output[position], 1.0f) << value << " at " << position;
        ASSERT_EQ(std::count(output.begin(), output.end(), 0.0f), static_cast<int>(channels) - 1) << value;
      }
    }
  }
}

// Where the maximum loses a NaN, it may lose larger elements with it.
TEST_P(RareRowsTest, NanAmongShiftedElements) {
  const OperatorPointer op = create();
  for (const size_t channels : kLengths) {
    for (size_t position = 0; position < channels; position += std::max<size_t>(1, channels / 9)) {
      for (const float nan : {NAN, -NAN}) {
        const Floats input = with(Floats(channels, 2000.0f), {{0, 1e6f}, {channels / 2, -1e6f}, {position, nan}});
        ASSERT_TRUE(is_canonical_nan(softmax_of(op, input).data(), channels)) << channels << ", NaN at " << position;
      }
    }
  }
}

// Rows of all magnitudes whose blocks need different shifts, or none.
TEST_P(RareRowsTest, BlocksOfDifferentMagnitude) {
  constexpr float magnitudes[] = {0.0f, 931.0f, 932.0f, -932.0f, 1400.0f, 1540.0f, 1530.0f, 1e6f, 1e30f, -1e30f};
  for (const float first : magnitudes) {
    for (const float second : magnitudes) {
      Floats input = random_floats(2 * kBlock + 30, -10.0f, 10.0f);
      for (size_t i = 0; i < input.size(); i++) {
        input[i] += i < kBlock ? first : second;
      }
      ASSERT_NO_FATAL_FAILURE(check_row(input)) << first << " and " << second;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RareRowsTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

// Past the caches, where an operator's rows are many: here a few. The same bits as without.
TEST(RareRowsPastTheCaches, HaveTheSameBits) {
  for (const enum xnnx_isa isa : usable_isas()) {
    const struct xnnx_softmax_kernels kernels = default_kernels(isa);
    for (const size_t channels : kLengths) {
      std::vector<RareRow> rows = nan_rows(channels);
      const size_t nan_count = rows.size();
      const Floats ordinary = random_floats(channels, -10.0f, 10.0f);
      rows.push_back({"ordinary", ordinary});
      rows.push_back({"masks", Floats(channels, -INFINITY)});
      rows.push_back({"1e30", with(ordinary, {{channels / 2, 1e30f}})});
      rows.push_back({"70000 last", with(ordinary, {{channels - 1, 70000.0f}})});
      rows.push_back({"-1e30", Floats(channels, -1e30f)});
      // Far enough below the first that a block's factor is too small to be split.
      Floats far_below = ordinary;
      for (size_t i = kBlock; i < channels; i++) {
        far_below[i] -= 84.0f;
      }
      rows.push_back({"blocks far below", far_below});
      for (const SoftmaxWay& way : kSoftmaxWays) {
        if (!way.stream) {
          continue;
        }
        for (const bool zero_if_fully_masked : {false, true}) {
          for (size_t last = 0; last < rows.size(); last++) {
            // The last row has none behind it, and the one before it waits for it.
            const RareRow& before = rows[(last + 3) % rows.size()];
            Floats input = before.input;
            input.insert(input.end(), rows[last].input.begin(), rows[last].input.end());
            Floats streamed(input.size(), -1.0f);
            compute_softmax_rows(kernels, way, zero_if_fully_masked, 2, channels, input.data(), streamed.data());
            Floats kept(input.size(), -2.0f);
            compute_softmax_rows(
                kernels, {way.algorithm, /*stream=*/false}, zero_if_fully_masked, 2, channels, input.data(), kept.data());
            ASSERT_EQ(memcmp(streamed.data(), kept.data(), kept.size() * sizeof(float)), 0)
                << xnnx_isa_name(isa) << " " << xnnx_softmax_algorithm_name(way.algorithm) << ", " << rows[last].name
                << " behind " << before.name << ", " << channels << " channels";
            if (last < nan_count) {
              ASSERT_TRUE(is_canonical_nan(&streamed[channels], channels))
                  << xnnx_isa_name(isa) << " " << xnnx_softmax_algorithm_name(way.algorithm) << ", " << rows[last].name;
            }
          }
        }
      }
    }
  }
}

}  // namespace
