// Inputs and outputs of a microbenchmark, warm or cold.
//
// Warm: every call gets the same memory, and finds of it what fits the caches.
// Cold: calls get pieces of memory several times larger than the last-level cache, in an order that no prefetcher
// follows, so that neither input nor output is in any cache. (Translations are cold, too.)

#pragma once

#include <cstddef>

namespace xnnx_bench {

enum class Temperature { kWarm, kCold };

const char* name_of(Temperature temperature);

// Whether rows of so many elements can be warm at all: larger ones push themselves out of every cache, and are only
// measured as cold.
bool can_be_warm(size_t element_count);

// One at a time: all rotations share their memory, which is touched before and grows as needed.
class Rotation {
 public:
  Rotation(size_t element_count, Temperature temperature);

  void advance()
  {
    slot_ += step_;
    slot_ = slot_ >= slot_count_ ? slot_ - slot_count_ : slot_;
  }
  float* input() const { return input_ + slot_ * slot_elements_; }
  float* output() const { return output_ + slot_ * slot_elements_; }

 private:
  size_t slot_elements_;
  size_t slot_count_;
  size_t step_;
  size_t slot_ = 0;
  float* input_;
  float* output_;
};

}  // namespace xnnx_bench
