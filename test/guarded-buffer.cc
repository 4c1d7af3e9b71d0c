#include "test/guarded-buffer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

// A quiet NaN with a payload that no computation gives.
constexpr uint32_t kPattern = 0x7FD5A5A5;

void check(bool condition) {
  if (!condition) {
    abort();
  }
}

}  // namespace

GuardedBuffer::GuardedBuffer(size_t capacity) {
  const size_t page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t usable_bytes = (capacity * sizeof(float) + page_bytes - 1) / page_bytes * page_bytes;
  mapping_bytes_ = usable_bytes + 2 * page_bytes;
  mapping_ = mmap(nullptr, mapping_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(mapping_ != MAP_FAILED);
  char* usable = static_cast<char*>(mapping_) + page_bytes;
  check(mprotect(usable, usable_bytes, PROT_READ | PROT_WRITE) == 0);
  floats_ = reinterpret_cast<float*>(usable);
  float_count_ = usable_bytes / sizeof(float);
  pattern_.assign(float_count_, kPattern);
}

GuardedBuffer::~GuardedBuffer() {
  munmap(mapping_, mapping_bytes_);
}

float* GuardedBuffer::row_after_guard(size_t count, size_t floats_from_guard) {
  return place_row(floats_from_guard, count);
}

float* GuardedBuffer::row_before_guard(size_t count, size_t floats_from_guard) {
  check(count + floats_from_guard <= float_count_);
  return place_row(float_count_ - floats_from_guard - count, count);
}

bool GuardedBuffer::is_untouched_outside_row() const {
  const size_t row_end = row_offset_ + row_count_;
  return memcmp(floats_, pattern_.data(), row_offset_ * sizeof(float)) == 0 &&
         memcmp(floats_ + row_end, pattern_.data(), (float_count_ - row_end) * sizeof(float)) == 0;
}

float* GuardedBuffer::place_row(size_t offset, size_t count) {
  check(offset + count <= float_count_);
  row_offset_ = offset;
  row_count_ = count;
  memcpy(floats_, pattern_.data(), float_count_ * sizeof(float));
  return floats_ + offset;
}
