#include "test/accuracy/float-sweep.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace xnnx_accuracy {
namespace {

constexpr uint32_t kSignBit = 0x80000000u;
constexpr uint32_t kInfinityBits = 0x7F800000u;
constexpr uint32_t kNegativeCount = kInfinityBits + 1;  // from -infinity to -0

float float_from_bits(uint32_t bits)
{
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

float float_at(uint32_t number)
{
  return float_from_bits(number < kNegativeCount ? kSignBit + kInfinityBits - number : number - kNegativeCount);
}

// Cuts an ascending sequence into runs.
class RunCutter {
 public:
  explicit RunCutter(const CheckRun& check_run) : check_run_(check_run) { run_.reserve(kMaxCount); }

  void add(float value)
  {
    if (!run_.empty() && (run_.size() == kMaxCount || value - std::max(run_.front(), kNothingBelow) >= kMaxSpan)) {
      finish();
    }
    run_.push_back(value);
  }

  void finish()
  {
    if (!run_.empty()) {
      check_run_(run_.data(), run_.size());
      run_.clear();
    }
  }

 private:
  static constexpr size_t kMaxCount = 4096;
  static constexpr float kMaxSpan = 64.0f;
  static constexpr float kNothingBelow = -0x1p+17f;

  const CheckRun& check_run_;
  std::vector<float> run_;
};

void add_neighbours(std::vector<uint32_t>* numbers, float value, uint32_t distance)
{
  const uint32_t number = number_of(value);
  const uint32_t first = number > distance ? number - distance : 0;
  const uint32_t last = number < kFloatCount - 1 - distance ? number + distance : kFloatCount - 1;
  for (uint32_t neighbour = first; neighbour <= last; neighbour++) {
    numbers->push_back(neighbour);
  }
}

std::vector<uint32_t> critical_numbers()
{
  std::vector<uint32_t> numbers;
  for (const float bound : {0.0f, FLT_MIN, FLT_TRUE_MIN, FLT_MAX, 88.722839f, 87.336545f, 103.97208f, INFINITY}) {
    add_neighbours(&numbers, bound, 100);
    add_neighbours(&numbers, -bound, 100);
  }
  for (int exponent = -149; exponent < 128; exponent++) {
    add_neighbours(&numbers, std::ldexp(1.0f, exponent), 10);
    add_neighbours(&numbers, -std::ldexp(1.0f, exponent), 10);
  }
  const double ln2 = std::log(2.0);
  for (double tie = 0.5; tie * ln2 < 0x1p+17; tie += 1.0) {
    add_neighbours(&numbers, static_cast<float>(tie * ln2), 2);
    add_neighbours(&numbers, static_cast<float>(-tie * ln2), 2);
  }
  for (double tie = 0.5; tie * ln2 / 32.0 < 128.0; tie += 1.0) {
    add_neighbours(&numbers, static_cast<float>(tie * ln2 / 32.0), 2);
    add_neighbours(&numbers, static_cast<float>(-tie * ln2 / 32.0), 2);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

}  // namespace

uint32_t number_of(float value)
{
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return (bits & kSignBit) != 0 ? kInfinityBits - (bits - kSignBit) : bits + kNegativeCount;
}

void sweep_floats(uint64_t stride, const CheckRun& check_run)
{
  RunCutter cutter(check_run);
  for (uint64_t number = 0; number < kFloatCount; number += stride) {
    cutter.add(float_at(static_cast<uint32_t>(number)));
  }
  cutter.finish();
}

void sweep_critical_floats(const CheckRun& check_run)
{
  static const std::vector<uint32_t> numbers = critical_numbers();
  RunCutter cutter(check_run);
  for (const uint32_t number : numbers) {
    cutter.add(float_at(number));
  }
  cutter.finish();
}

const std::vector<float>& some_nans()
{
  static const std::vector<float> nans = {
      float_from_bits(0x7FC00000u), float_from_bits(0xFFC00000u), float_from_bits(0x7F800001u),
      float_from_bits(0xFF800001u), float_from_bits(0x7FFFFFFFu), float_from_bits(0xFFFFFFFFu),
  };
  return nans;
}

}  // namespace xnnx_accuracy
