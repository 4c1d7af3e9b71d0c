#include "test/failing-allocations.h"

#include <atomic>
#include <cerrno>

namespace {

std::atomic<size_t> allocation_count;
std::atomic<size_t> allocated_bytes;
std::atomic<ptrdiff_t> live_allocations;

// Allocations with these numbers fail.
std::atomic<size_t> first_to_fail;
std::atomic<size_t> number_to_fail;

bool count_allocation(size_t bytes) {
  const size_t number = allocation_count++;
  allocated_bytes += bytes;
  if (number >= first_to_fail && number - first_to_fail < number_to_fail) {
    errno = ENOMEM;
    return false;
  }
  return true;
}

// Counts what an allocation function returned.
void* count_live(void* pointer) {
  live_allocations += pointer != nullptr;
  return pointer;
}

}  // namespace

extern "C" {

void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* pointer, size_t size);
void* __real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void** result, size_t alignment, size_t size);
void __real_free(void* pointer);

void* __wrap_malloc(size_t size) {
  return count_allocation(size) ? count_live(__real_malloc(size)) : nullptr;
}

void* __wrap_calloc(size_t count, size_t size) {
  return count_allocation(count * size) ? count_live(__real_calloc(count, size)) : nullptr;
}

void* __wrap_realloc(void* pointer, size_t size) {
  if (!count_allocation(size)) {
    return nullptr;
  }
  void* result = __real_realloc(pointer, size);
  return pointer == nullptr ? count_live(result) : result;
}

void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  return count_allocation(size) ? count_live(__real_aligned_alloc(alignment, size)) : nullptr;
}

int __wrap_posix_memalign(void** result, size_t alignment, size_t size) {
  if (!count_allocation(size)) {
    return ENOMEM;
  }
  const int error = __real_posix_memalign(result, alignment, size);
  live_allocations += error == 0;
  return error;
}

void __wrap_free(void* pointer) {
  live_allocations -= pointer != nullptr;
  __real_free(pointer);
}

}  // extern "C"

Allocations allocations_until_now() {
  return {allocation_count, allocated_bytes, live_allocations};
}

FailingAllocations::FailingAllocations(size_t first, size_t count) {
  first_to_fail = allocation_count + first - 1;
  number_to_fail = count;
}

FailingAllocations::~FailingAllocations() {
  number_to_fail = 0;
}

bool FailingAllocations::have_occurred() const {
  return allocation_count > first_to_fail;
}
