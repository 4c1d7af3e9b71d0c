#include "bench/rotation.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "bench/buffer.h"
#include "bench/caches.h"

namespace xnnx_bench {
namespace {

// Random replacement and victim caches keep something of a cyclic access to twice their size, of four times hardly any.
constexpr size_t kColdCaches = 4;
constexpr size_t kLineElements = 16;

size_t cold_elements()
{
  static const size_t elements = kColdCaches * find_caches().last_level_bytes() / sizeof(float);
  return elements;
}

struct Memory {
  Buffer input;
  Buffer output;
};

Memory& memory_of(size_t element_count)
{
  static std::unique_ptr<Memory> memory;
  if (memory == nullptr || memory->input.size() < element_count) {
    memory.reset();
    memory.reset(new Memory{Buffer(element_count, Pages::kHuge), Buffer(element_count, Pages::kHuge)});
    fill_with_logits(memory->input.data(), element_count);
  }
  return *memory;
}

}  // namespace

const char* name_of(Temperature temperature)
{
  return temperature == Temperature::kCold ? "cold" : "warm";
}

bool can_be_warm(size_t element_count)
{
  return element_count < cold_elements();
}

Rotation::Rotation(size_t element_count, Temperature temperature)
{
  slot_elements_ = (element_count + kLineElements - 1) / kLineElements * kLineElements;
  const size_t cold_slots = std::max<size_t>(1, (cold_elements() + slot_elements_ - 1) / slot_elements_);
  slot_count_ = temperature == Temperature::kWarm ? 1 : cold_slots;
  // The golden section of the slots spreads consecutive calls; without a common divisor every slot has its turn.
  step_ = slot_count_ * 618 / 1000;
  while (step_ > 1 && std::gcd(step_, slot_count_) != 1) {
    step_--;
  }
  step_ = slot_count_ == 1 ? 0 : std::max<size_t>(1, step_);
  Memory& memory = memory_of(slot_count_ * slot_elements_);
  input_ = memory.input.data();
  output_ = memory.output.data();
}

}  // namespace xnnx_bench
