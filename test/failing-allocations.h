// Counts the allocations of the code in a test's program, and makes chosen ones fail.
//
// The linker's --wrap sends calls of malloc and its kin here from all that is linked statically: this library and the
// test, not shared libraries. What allocates in the end is the C library or a sanitizer. A test that uses this says
// `linkstatic`.

#pragma once

#include <cstddef>

struct Allocations {
  size_t count;    // attempts
  size_t bytes;    // of all attempts
  ptrdiff_t live;  // not freed
};

// Since the program started, by all threads.
Allocations allocations_until_now();

// Those during `action`.
template <typename Action>
Allocations allocations_of(const Action& action) {
  const Allocations before = allocations_until_now();
  action();
  const Allocations after = allocations_until_now();
  return {after.count - before.count, after.bytes - before.bytes, after.live - before.live};
}

// While it lives, `count` allocations fail, the first of them being the `first`, counted from 1. One at a time.
class FailingAllocations {
 public:
  explicit FailingAllocations(size_t first, size_t count = 1);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  // Whether any has failed.
  bool have_occurred() const;
};
