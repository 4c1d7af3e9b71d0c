// Sizes at which 32 bits do not count elements or bytes: one such row, and as many rows. Run it by hand:
// bazel test //test:operator-huge-test --test_output=all

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>

#include "test/accuracy/ulp.h"
#include "test/operator-fixture.h"

namespace {

constexpr size_t kGibi = size_t{1} << 30;

size_t available_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  std::string name;
  size_t kibibytes = 0;
  while (meminfo >> name && name != "MemAvailable:") {
  }
  meminfo >> kibibytes;
  return kibibytes * 1024;
}

// A tensor whose memory comes when it is written, and goes with it.
class Tensor {
 public:
  explicit Tensor(size_t count) : bytes_(count * sizeof(float)) {
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    floats_ = static_cast<float*>(memory);
  }
  ~Tensor() { munmap(floats_, bytes_); }
  Tensor(const Tensor&) = delete;
  Tensor& operator=(const Tensor&) = delete;

  float* data() const { return floats_; }
  float& operator[](size_t i) const { return floats_[i]; }

 private:
  size_t bytes_;
  float* floats_;
};

class OneHugeRow : public testing::TestWithParam<Algorithm> {};

// Few different values, so that the exact sum is known: seven that take turns, and larger ones, each a good part of the
// sum, where counts of elements or bytes pass 31 and 32 bits.
TEST_P(OneHugeRow, InPlace) {
  constexpr size_t kChannels = (size_t{1} << 31) + 17;
  constexpr size_t kPeriod = 7;
  if (available_bytes() < 9 * kGibi) {
    GTEST_SKIP() << "needs 9 GiB";
  }
  const auto ordinary = [](size_t i) { return 0.25f * static_cast<float>(i % kPeriod) - 1.0f; };
  std::map<size_t, float> special = {{(size_t{1} << 31) + 5, -INFINITY}, {kChannels - 1, 19.0f}};
  for (const size_t boundary : {size_t{4096}, size_t{1} << 29, size_t{1} << 30, size_t{1} << 31}) {
    special.insert({{boundary - 1, 17.5f}, {boundary, 18.0f}, {boundary + 1, 17.0f}});
  }

  const Tensor row(kChannels);
  for (size_t i = 0; i < kChannels; i++) {
    row[i] = ordinary(i);
  }
  long double sum = 0.0L;
  for (size_t i = 0; i < kPeriod; i++) {
    sum += std::exp(static_cast<long double>(ordinary(i))) * ((kChannels - i + kPeriod - 1) / kPeriod);
  }
  for (const auto& [i, x] : special) {
    row[i] = x;
    sum += std::exp(static_cast<long double>(x)) - std::exp(static_cast<long double>(ordinary(i)));
  }

  const OperatorPointer op = create_operator(GetParam().flags);
  run_softmax(op, dense_shape(1, kChannels), row.data(), row.data(), shared_pool(2));
  printf("%s\n", xnnx_describe_last_run());

  struct Bounds {
    long double lowest;
    long double highest;
  };
  const auto bounds_of = [sum](float x) {
    const long double exact = std::exp(static_cast<long double>(x)) / sum;
    const long double tolerance = xnnx_accuracy::kMaxUlp * xnnx_accuracy::ulp_of(static_cast<double>(exact));
    return Bounds{exact - tolerance, exact + tolerance};
  };
  Bounds ordinary_bounds[kPeriod];
  for (size_t i = 0; i < kPeriod; i++) {
    ordinary_bounds[i] = bounds_of(ordinary(i));
  }
  auto next_special = special.begin();
  for (size_t i = 0; i < kChannels; i++) {
    Bounds bounds = ordinary_bounds[i % kPeriod];
    if (next_special != special.end() && next_special->first == i) {
      bounds = next_special->second == -INFINITY ? Bounds{0.0L, 0.0L} : bounds_of(next_special->second);
      next_special++;
    }
    ASSERT_TRUE(row[i] >= bounds.lowest && row[i] <= bounds.highest)
        << row[i] << " at " << i << " is not in [" << bounds.lowest << ", " << bounds.highest << "]";
  }
}

INSTANTIATE_TEST_SUITE_P(All, OneHugeRow, testing::ValuesIn(kAlgorithms), [](const auto& info) {
  return std::string(info.param.name);
});

// Every row is written and checked: 2^32 and some elements, in rows that repeat after a while.
TEST(ManyRows, InPlace) {
  constexpr size_t kChannels = 3;
  constexpr size_t kRows = (size_t{1} << 32) / kChannels + 1000;
  constexpr size_t kPeriod = 7 * kChannels;
  if (available_bytes() < 17 * kGibi) {
    GTEST_SKIP() << "needs 17 GiB";
  }
  const auto element = [](size_t i) { return 0.5f * static_cast<float>(i * i % kPeriod) - 5.0f; };
  const OperatorPointer op = create_operator(0);
  float expected[kPeriod];
  for (size_t i = 0; i < kPeriod; i++) {
    expected[i] = element(i);
  }
  run_softmax(op, dense_shape(kPeriod / kChannels, kChannels), expected, expected);

  const Tensor tensor(kRows * kChannels);
  for (size_t i = 0; i < kRows * kChannels; i++) {
    tensor[i] = element(i % kPeriod);
  }
  run_softmax(op, dense_shape(kRows, kChannels), tensor.data(), tensor.data(), shared_pool(2));
  printf("%s\n", xnnx_describe_last_run());
  for (size_t i = 0; i < kRows * kChannels; i++) {
    ASSERT_EQ(tensor[i], expected[i % kPeriod]) << "at " << i;
  }
}

struct ManyRowsCase {
  size_t channels;
  Algorithm algorithm;
  size_t thread_count;
};

class ManyRowsOfLittleMemory : public testing::TestWithParam<ManyRowsCase> {};

// More elements than there is memory for. The input is zeros, which need none, except in some rows around where counts
// of elements or bytes pass 31 and 32 bits, and at both ends. Around these the output has memory of its own; elsewhere
// it is one piece of memory again and again, where every row gives the same. An algorithm that has other things than
// the results in the output meanwhile must then compute one row after the other.
TEST_P(ManyRowsOfLittleMemory, AroundBoundaries) {
  constexpr size_t kPiece = size_t{1} << 24;   // floats
  constexpr size_t kWindow = size_t{1} << 18;  // floats before and after a boundary
  const auto& [channels, algorithm, thread_count] = GetParam();
  const size_t rows = (size_t{1} << 32) / channels + kWindow;
  const size_t count = rows * channels;
  const size_t whole_count = (count + kPiece - 1) / kPiece * kPiece;

  const Tensor input(count);
  const Tensor output(whole_count);
  const int file = memfd_create("piece", 0);
  ASSERT_EQ(ftruncate(file, kPiece * sizeof(float)), 0);
  const auto map = [&output](size_t start, size_t floats, int flags, int descriptor) {
    void* address = output.data() + start;
    return mmap(address, floats * sizeof(float), PROT_READ | PROT_WRITE, flags | MAP_FIXED, descriptor, 0) == address;
  };
  for (size_t start = 0; start < whole_count; start += kPiece) {
    ASSERT_TRUE(map(start, kPiece, MAP_SHARED, file));
  }
  close(file);
  std::fill_n(&output[kPiece], kPiece, -1.0f);  // a piece without a boundary

  struct Window {
    size_t first_row;
    size_t last_row;
  };
  std::vector<Window> windows;
  for (const size_t boundary :
       {size_t{0}, size_t{1} << 29, size_t{1} << 30, size_t{1} << 31, size_t{1} << 32, count / kWindow * kWindow}) {
    const size_t start = boundary < kWindow ? 0 : boundary - kWindow;
    const size_t end = std::min(boundary + kWindow, whole_count);
    ASSERT_TRUE(map(start, end - start, MAP_PRIVATE | MAP_ANONYMOUS, -1));
    std::fill(&output[start], &output[start] + (end - start), -1.0f);
    windows.push_back({(start + channels - 1) / channels, std::min(end / channels, rows)});
  }
  for (const Window& window : windows) {
    const size_t first = window.first_row * channels;
    const Floats values = random_floats((window.last_row - window.first_row) * channels, -10.0f, 10.0f, first % 1000);
    std::copy(values.begin(), values.end(), &input[first]);
  }

  const OperatorPointer op = create_operator(algorithm.flags);
  run_softmax(op, dense_shape(rows, channels), input.data(), output.data(), shared_pool(thread_count));
  printf("%s\n", xnnx_describe_last_run());

  const OperatorPointer row_op = create_operator(algorithm.flags);
  Floats expected(channels);
  for (const Window& window : windows) {
    ASSERT_GT(window.last_row, window.first_row);
    for (size_t row = window.first_row; row < window.last_row; row++) {
      run_softmax(row_op, dense_shape(1, channels), &input[row * channels], expected.data());
      ASSERT_EQ(memcmp(&output[row * channels], expected.data(), channels * sizeof(float)), 0) << "row " << row;
    }
  }
  const Floats zero_row = softmax_of(row_op, Floats(channels, 0.0f));
  for (size_t i = kPiece; i < 2 * kPiece; i++) {
    ASSERT_EQ(output[i], zero_row[0]) << "at " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All,
    ManyRowsOfLittleMemory,
    testing::Values(
        ManyRowsCase{1, kAlgorithms[0], 2},
        ManyRowsCase{10, kAlgorithms[0], 2},
        ManyRowsCase{10, kAlgorithms[1], 2},
        ManyRowsCase{9000, kAlgorithms[1], 2},
        ManyRowsCase{9000, kAlgorithms[2], 2},
        ManyRowsCase{9000, kAlgorithms[3], 0},
        ManyRowsCase{9000, kAlgorithms[4], 0}),
    [](const auto& info) {
      return std::string(info.param.algorithm.name) + "_of_" + std::to_string(info.param.channels) + "_channels";
    });

}  // namespace
