// Each function of src/simd by itself, of each instruction set, against what src/simd/README.md says that it means: so all
// give the same bits, those of scalar.h among them.

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/xnnx/exp.h"
#include "test/guarded-buffer.h"
#include "test/vocabulary.h"

namespace {

using Input = vocabulary_input;
using Output = vocabulary_output;

#define EXPECT_OF(name) void expect_##name(const Input& in, Output* out)
#define EACH_LANE(k) for (size_t k = 0; k < 16; k++)

EXPECT_OF(load) { memcpy(out->floats, in.row[0], sizeof(out->floats)); }

EXPECT_OF(load_once) { expect_load(in, out); }

EXPECT_OF(load_first) {
  memcpy(out->floats, in.row[0], sizeof(out->floats));
  memcpy(out->floats, in.source, in.count * sizeof(float));
}

EXPECT_OF(store_first) { memcpy(out->floats, in.row[0], in.count * sizeof(float)); }

EXPECT_OF(load_halves) {
  memcpy(out->floats, in.row[0], sizeof(out->floats));
  memcpy(out->floats, in.half_source[0], in.half_count * sizeof(float));
  memcpy(out->floats + 8, in.half_source[1], in.half_count * sizeof(float));
}

EXPECT_OF(store_halves) {
  memcpy(out->floats, in.row[0], in.half_count * sizeof(float));
  memcpy(out->floats + 8, in.row[0] + 8, in.half_count * sizeof(float));
}

EXPECT_OF(stream) { expect_load(in, out); }

EXPECT_OF(broadcast) { EACH_LANE(k) memcpy(&out->floats[k], &in.row[0][0], sizeof(float)); }

EXPECT_OF(broadcast_halves) { EACH_LANE(k) memcpy(&out->floats[k], &in.row[k / 8][0], sizeof(float)); }

EXPECT_OF(first_lane) { memcpy(out->floats, in.row[0], sizeof(float)); }

uint32_t unsigned_bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits;
}

void expect_power(uint32_t number, float exponent_field, float* power) {
  const uint32_t bits = xnnx_exp_table[number & 15] + (number << 19) - unsigned_bits_of(exponent_field);
  memcpy(power, &bits, sizeof(bits));
}

EXPECT_OF(look_up_power) { EACH_LANE(k) expect_power(unsigned_bits_of(in.rounded[k]), 0.0f, &out->floats[k]); }

EXPECT_OF(subtract_from_entries) {
  EACH_LANE(k) expect_power(unsigned_bits_of(in.far_rounded[k]), in.exponent_fields[0], &out->floats[k]);
}

EXPECT_OF(end_power) {
  EACH_LANE(k) expect_power(unsigned_bits_of(in.far_rounded[k]), in.exponent_fields[k], &out->floats[k]);
}

EXPECT_OF(clear_sixteenths) {
  EACH_LANE(k) {
    uint32_t bits;
    memcpy(&bits, &in.row[0][k], sizeof(bits));
    bits = bits / 16 * 16;
    memcpy(&out->floats[k], &bits, sizeof(bits));
  }
}

EXPECT_OF(shift_bits) {
  EACH_LANE(k) {
    uint32_t bits;
    memcpy(&bits, &in.row[0][k], sizeof(bits));
    bits *= UINT32_C(1) << 19;
    memcpy(&out->floats[k], &bits, sizeof(bits));
  }
}

int32_t bits_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits;
}

EXPECT_OF(max_of_bits) {
  EACH_LANE(k) {
    const float* larger = bits_of(in.row[0][k]) > bits_of(in.row[1][k]) ? &in.row[0][k] : &in.row[1][k];
    memcpy(&out->floats[k], larger, sizeof(float));
  }
}

EXPECT_OF(max_of_bits_in_all_lanes) {
  const float* largest = std::max_element(
      in.row[0], in.row[0] + 16, [](const float& a, const float& b) { return bits_of(a) < bits_of(b); });
  EACH_LANE(k) memcpy(&out->floats[k], largest, sizeof(float));
}

EXPECT_OF(add) { EACH_LANE(k) out->floats[k] = in.row[0][k] + in.row[1][k]; }

EXPECT_OF(subtract) { EACH_LANE(k) out->floats[k] = in.row[0][k] - in.row[1][k]; }

EXPECT_OF(multiply) { EACH_LANE(k) out->floats[k] = in.row[0][k] * in.row[1][k]; }

EXPECT_OF(multiply_add) { EACH_LANE(k) out->floats[k] = std::fma(in.row[0][k], in.row[1][k], in.row[2][k]); }

EXPECT_OF(multiply_add_or_zero) {
  EACH_LANE(k) {
    const bool is_below = in.row[3][k] < in.row[4][k];
    out->floats[k] = is_below ? 0.0f : std::fma(in.row[0][k], in.row[1][k], in.row[2][k]);
  }
}

float max_or_nan(float a, float b) { return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b); }

float max_of(const float* lanes, size_t count) {
  return std::accumulate(lanes, lanes + count, lanes[0], max_or_nan);
}

float max_of_row(const float* row) { return max_of(row, 16); }

EXPECT_OF(max) { EACH_LANE(k) out->floats[k] = max_or_nan(in.row[0][k], in.row[1][k]); }

EXPECT_OF(max_in_all_lanes) { EACH_LANE(k) out->floats[k] = max_of_row(in.row[0]); }

EXPECT_OF(max_of_each) {
  for (size_t row = 0; row < 8; row++) {
    out->floats[row] = max_of_row(in.row[row]);
  }
}

EXPECT_OF(max_of_each_half) {
  for (size_t row = 0; row < 8; row++) {
    out->floats[row] = max_of(in.row[row / 2] + 8 * (row % 2), 8);
  }
}

EXPECT_OF(are_within) {
  out->truth = std::all_of(in.row[0], in.row[0] + 16, [&](float x) { return std::abs(x) <= in.limit; });
}

// The lanes that meet are written out: 8 apart, then 4, 2 and 1.
double sum_of_rows(const Input& in, size_t a, size_t b) {
  double s[16];
  EACH_LANE(k) s[k] = static_cast<double>(in.row[a][k]) + static_cast<double>(in.row[b][k]);
  const double even = ((s[0] + s[8]) + (s[4] + s[12])) + ((s[2] + s[10]) + (s[6] + s[14]));
  const double odd = ((s[1] + s[9]) + (s[5] + s[13])) + ((s[3] + s[11]) + (s[7] + s[15]));
  return even + odd;
}

// The same of 8 lanes, from lane `first` on.
double sum_of_halves(const Input& in, size_t a, size_t b, size_t first) {
  double s[8];
  for (size_t k = 0; k < 8; k++) {
    s[k] = static_cast<double>(in.row[a][first + k]) + static_cast<double>(in.row[b][first + k]);
  }
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

EXPECT_OF(sum_of_lanes) { out->number = sum_of_rows(in, 0, 1); }

EXPECT_OF(sum_of_one) {
  double s[8];
  for (size_t k = 0; k < 8; k++) {
    s[k] = static_cast<double>(in.row[0][k] + in.row[0][k + 8]);
  }
  out->number = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

EXPECT_OF(add_halves) {
  for (size_t k = 0; k < 8; k++) {
    out->floats[k] = in.row[0][k] + in.row[0][k + 8];
    out->floats[k + 8] = in.row[1][k] + in.row[1][k + 8];
  }
}

// Without the 29 bits that a float does not have.
double leading_bits(double a) {
  uint64_t bits;
  memcpy(&bits, &a, sizeof(bits));
  bits = bits >> 29 << 29;
  memcpy(&a, &bits, sizeof(bits));
  return a;
}

void expect_reciprocal(size_t row, double sum, Output* out) {
  const double reciprocal = 1.0 / sum;
  const double leading = leading_bits(reciprocal);
  out->floats[row] = static_cast<float>(leading);
  out->floats[8 + row] = static_cast<float>(reciprocal - leading);
}

EXPECT_OF(reciprocals_of_sums) {
  for (size_t row = 0; row < 8; row++) {
    expect_reciprocal(row, sum_of_rows(in, row, (row + 1) % 8), out);
  }
}

EXPECT_OF(reciprocals_of_sums_of_halves) {
  for (size_t row = 0; row < 8; row++) {
    expect_reciprocal(row, sum_of_halves(in, row / 2, row / 2 + 1, 8 * (row % 2)), out);
  }
}

EXPECT_OF(split) {
  const double sum = sum_of_rows(in, 0, 1);
  for (size_t k = 0; k < 8; k++) {
    out->floats[k] = static_cast<float>(leading_bits(sum));
    out->floats[8 + k] = static_cast<float>(sum - leading_bits(sum));
  }
}

EXPECT_OF(are_positive) {
  out->truth = true;
  for (size_t row = 0; row < 8; row++) {
    out->truth = out->truth && sum_of_rows(in, row, (row + 1) % 8) > 0.0;
  }
}

enum class Comparison { bits, numbers, order };

template <typename Number>
bool are_same(Comparison comparison, Number actual, Number expected) {
  switch (comparison) {
    case Comparison::numbers:
      if (std::isnan(expected)) {
        return std::isnan(actual);
      }
      break;
    case Comparison::order:
      return std::isnan(expected) || actual == expected;
    case Comparison::bits:
      break;
  }
  return memcmp(&actual, &expected, sizeof(actual)) == 0;
}

struct Case {
  const char* isa;
  bool is_present;
  const char* function;
  Comparison comparison;
  void (*call)(const Input* in, Output* out);
  void (*expect)(const Input& in, Output* out);
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
#define CASE(function, comparison) \
  cases.push_back({isa, present, #function, Comparison::comparison, vocabulary.function, expect_##function});
#define XNNX_ISA(name, is_present)                         \
  {                                                        \
    const char* const isa = #name;                         \
    const bool present = is_present;                       \
    const struct vocabulary vocabulary = vocabulary_of_##name; \
    VOCABULARY(CASE)                                       \
  }
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
#undef CASE
  return cases;
}

class VocabularyTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!GetParam().is_present) {
      GTEST_SKIP() << "this processor has no " << GetParam().isa;
    }
  }

  // Such that all powers are normal numbers.
  void set_exponents(Input* in) {
    const int exponent = random_integer(-90000, 90000);
    EACH_LANE(k) {
      in->rounded[k] = XNNX_ROUND_TO_SIXTEENTH + random_integer(-1000, 1000) / 16.0f;
      in->far_rounded[k] = XNNX_ROUND_TO_SIXTEENTH + exponent + random_integer(-1000, 1000) / 16.0f;
      const uint32_t bits = static_cast<uint32_t>(exponent + random_integer(-60, 60)) << 23;
      memcpy(&in->exponent_fields[k], &bits, sizeof(bits));
    }
  }

  // With all counts, flush against the guard page behind.
  void check(Input in) {
    float magnitude = 0.0f;
    EACH_LANE(k) magnitude = std::fmax(magnitude, std::abs(in.row[0][k]));
    const float limits[] = {magnitude, std::nextafter(magnitude, 0.0f), 1.0f, INFINITY};
    in.limit = limits[random_engine_() % std::size(limits)];
    set_exponents(&in);
    in.count = 1 + random_engine_() % 16;
    float* source = source_buffer_.row_before_guard(in.count);
    memcpy(source, in.row[7], in.count * sizeof(float));
    in.source = source;
    in.target = target_buffer_.row_before_guard(in.count);
    in.half_count = 1 + random_engine_() % 8;
    for (size_t half = 0; half < 2; half++) {
      float* half_source = place_beside_guard(&half_source_buffers_[half], in.half_count);
      memcpy(half_source, in.row[5 + half], in.half_count * sizeof(float));
      in.half_source[half] = half_source;
      in.half_target[half] = place_beside_guard(&half_target_buffers_[half], in.half_count);
    }
    Output actual = {};
    Output expected = {};
    GetParam().call(&in, &actual);
    GetParam().expect(in, &expected);
    EACH_LANE(k) {
      ASSERT_TRUE(are_same(GetParam().comparison, actual.floats[k], expected.floats[k]))
          << std::hexfloat << actual.floats[k] << " instead of " << expected.floats[k] << " in lane " << std::dec << k
          << ", of " << in.row[0][k] << ", " << in.row[1][k] << ", " << in.row[2][k] << "; count " << in.count
          << ", half count " << in.half_count;
    }
    ASSERT_TRUE(are_same(GetParam().comparison, actual.number, expected.number))
        << std::hexfloat << actual.number << " instead of " << expected.number;
    ASSERT_EQ(actual.truth, expected.truth);
    ASSERT_TRUE(target_buffer_.is_untouched_outside_row()) << "count " << in.count;
    for (const GuardedBuffer& buffer : half_target_buffers_) {
      ASSERT_TRUE(buffer.is_untouched_outside_row()) << "half count " << in.half_count;
    }
  }

  // Flush against either guard page.
  float* place_beside_guard(GuardedBuffer* buffer, size_t count) {
    return random_engine_() % 2 == 0 ? buffer->row_before_guard(count) : buffer->row_after_guard(count);
  }

  // Rows of floats that `next` gives for a row and a lane.
  template <typename Next>
  void check_some(const Next& next, int trials = 1000) {
    for (int trial = 0; trial < trials; trial++) {
      Input in;
      for (size_t row = 0; row < 8; row++) {
        EACH_LANE(k) in.row[row][k] = next(row, k);
      }
      ASSERT_NO_FATAL_FAILURE(check(in)) << "trial " << trial;
    }
  }

  float random_between(float lowest, float highest) {
    return std::uniform_real_distribution<float>(lowest, highest)(random_engine_);
  }

  int random_integer(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_engine_); }

  float random_special() {
    constexpr float specials[] = {
        0.0f, 1.0f, INFINITY, NAN, std::numeric_limits<float>::signaling_NaN(), FLT_MAX, FLT_MIN, FLT_TRUE_MIN, 0.1f};
    const float special = specials[random_engine_() % std::size(specials)];
    return random_engine_() % 2 == 0 ? special : -special;
  }

  size_t random_lane() { return random_engine_() % 16; }

  std::mt19937 random_engine_;

 private:
  GuardedBuffer source_buffer_{16};
  GuardedBuffer target_buffer_{16};
  GuardedBuffer half_source_buffers_[2] = {GuardedBuffer(8), GuardedBuffer(8)};
  GuardedBuffer half_target_buffers_[2] = {GuardedBuffer(8), GuardedBuffer(8)};
};

TEST_P(VocabularyTest, OrdinaryFloats) {
  check_some([&](size_t, size_t) { return random_between(-10.0f, 10.0f); });
}

TEST_P(VocabularyTest, AnyBits) {
  check_some([&](size_t, size_t) {
    const uint32_t bits = static_cast<uint32_t>(random_engine_());
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
  });
}

TEST_P(VocabularyTest, SpecialValues) {
  check_some([&](size_t, size_t) { return random_special(); });
}

TEST_P(VocabularyTest, OneSpecialValue) {
  check_some([&](size_t row, size_t k) {
    return row % 4 == 0 && k == random_lane() ? random_special() : random_between(0.0f, 10.0f);
  });
}

// Products half way between two floats, and on either side of that by next to nothing: rounding twice would show.
TEST_P(VocabularyTest, NearTies) {
  check_some([&](size_t row, size_t) {
    const float sign = random_engine_() % 2 == 0 ? 1.0f : -1.0f;
    if (row == 2) {
      return sign * std::ldexp(random_between(1.0f, 2.0f), -static_cast<int>(random_engine_() % 150));
    }
    return sign * (1.0f + 0x1p-12f * static_cast<float>(random_engine_() % 4096));
  });
}

// Sums of which little is left, and of which what is added first decides what.
TEST_P(VocabularyTest, Cancellation) {
  check_some([&](size_t, size_t) {
    const float sign = random_engine_() % 2 == 0 ? 1.0f : -1.0f;
    return sign * std::ldexp(1.0f, 30 * static_cast<int>(random_engine_() % 4));
  });
}

// A lane that another one's place is taken for shows.
TEST_P(VocabularyTest, OneLane) {
  for (size_t lane = 0; lane < 16; lane++) {
    check_some([&](size_t, size_t k) { return k == lane ? random_between(-10.0f, 10.0f) : 0.0f; }, /*trials=*/20);
  }
}

// Rows of positive sums, or all but one.
TEST_P(VocabularyTest, OneRow) {
  for (size_t other = 0; other <= 8; other++) {
    for (const float value : {0.0f, -1.0f, -100.0f, NAN, -INFINITY, INFINITY}) {
      check_some([&](size_t row, size_t) { return row == other ? value : random_between(0.0f, 1.0f); }, /*trials=*/20);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, VocabularyTest, testing::ValuesIn(all_cases()),
    [](const testing::TestParamInfo<Case>& info) { return std::string(info.param.isa) + "_" + info.param.function; });

std::set<std::string> functions_in(const std::string& path, const std::regex& pattern) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::set<std::string> functions;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    functions.insert((*match)[1]);
  }
  return functions;
}

// A new function has a test and a line in the README.
TEST(VocabularyListTest, IsWhole) {
  std::set<std::string> functions = functions_in("src/simd/scalar.h", std::regex("XNNX_SIMD \\w+ (xnnx_\\w+)\\("));
  functions.erase("xnnx_multiply_add_of_floats");  // scalar.h's own
  ASSERT_GT(functions.size(), 20u);
  const std::set<std::string> called = functions_in("test/vocabulary.c", std::regex("\\b(xnnx_\\w+)\\("));
  const std::set<std::string> documented = functions_in("src/simd/README.md", std::regex("`(xnnx_\\w+)"));
  for (const std::string& function : functions) {
    EXPECT_EQ(called.count(function), 1u) << function;
    EXPECT_EQ(documented.count(function), 1u) << function;
  }
}

}  // namespace
