// Whose XNNPACK a call means: there may be several, such as a private copy in a plug-in.

#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "src/graph/xnnpack.h"

// A program or library that has called us.
struct xnnx_caller {
  uintptr_t begin;
  uintptr_t size;  // in bytes
  struct xnnx_xnnpack* xnnpack;
  struct xnnx_caller* next;
  struct xnnx_xnnpack of_its_own;
};

extern _Atomic(struct xnnx_caller*) xnnx_callers;

struct xnnx_xnnpack* xnnx_add_caller(const void* return_address);

// Where calls from `return_address` have been seen; NULL: never.
static inline struct xnnx_caller* xnnx_find_caller(const void* return_address)
{
  struct xnnx_caller* caller = atomic_load_explicit(&xnnx_callers, memory_order_acquire);
  while (caller != NULL && (uintptr_t) return_address - caller->begin >= caller->size) {
    caller = caller->next;
  }
  return caller;
}

// The XNNPACK that would be called from `return_address` without us. Its functions are NULL where there is none. Takes no lock
// once a caller is known, and the loader's only for libraries that came after the program was started. Inline, because
// everything that runs on a pool asks.
static inline struct xnnx_xnnpack* xnnx_xnnpack_of_caller(const void* return_address)
{
  struct xnnx_caller* caller = xnnx_find_caller(return_address);
  return caller != NULL ? caller->xnnpack : xnnx_add_caller(return_address);
}

// The same for a caller that is not to be remembered, such as one that is being unloaded, or for which there is no memory.
// What is found is this thread's, until the next such call.
struct xnnx_xnnpack* xnnx_xnnpack_of_passing_caller(const void* return_address);
