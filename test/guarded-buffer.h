// Rows of floats at the very edge of mapped memory.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// Memory for rows of up to `capacity` floats between two pages that fault on any access. What lies between a row and
// the farther guard is filled with a pattern, so that writing there is noticed, too.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(size_t capacity);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  // A row of `count` floats whose first byte is `floats_from_guard` floats behind the guard page before it.
  float* row_after_guard(size_t count, size_t floats_from_guard = 0);

  // A row of `count` floats whose last byte is `floats_from_guard` floats before the guard page behind it.
  float* row_before_guard(size_t count, size_t floats_from_guard = 0);

  // Whether everything but the elements of the latest row still has the pattern.
  bool is_untouched_outside_row() const;

 private:
  float* place_row(size_t offset, size_t count);

  void* mapping_;
  size_t mapping_bytes_;
  float* floats_;  // between the guards
  size_t float_count_;
  std::vector<uint32_t> pattern_;  // as much as there is between the guards
  size_t row_offset_ = 0;
  size_t row_count_ = 0;
};
