// Whose XNNPACK a call means: there may be several, such as a private copy in a plug-in.

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/graph/loaded-objects.h"
#include "src/graph/xnnpack.h"

// A program or library that has called us. It is never unloaded, and so neither is this.
struct xnnx_caller {
  uintptr_t begin;
  uintptr_t size;  // in bytes
  struct xnnx_xnnpack xnnpack;
  struct xnnx_caller* next;
  struct xnnx_loaded_object object;
};

extern _Atomic(struct xnnx_caller*) xnnx_callers;

struct xnnx_xnnpack* xnnx_add_caller(const void* return_address);

// The XNNPACK that would be called from `return_address` without us: the one that the calling program or library was
// linked with, or else the next one after us in symbol order. Its functions are NULL where there is none. NULL: no
// memory to remember it. Takes no lock once a caller is known. Inline, because everything that runs on a pool asks.
static inline struct xnnx_xnnpack* xnnx_xnnpack_of_caller(const void* return_address)
{
  struct xnnx_caller* caller = atomic_load_explicit(&xnnx_callers, memory_order_acquire);
  while (caller != NULL && (uintptr_t) return_address - caller->begin >= caller->size) {
    caller = caller->next;
  }
  return caller != NULL ? &caller->xnnpack : xnnx_add_caller(return_address);
}

// True if this library comes before XNNPACK in symbol order, so that XNNPACK's graphs call ours.
bool xnnx_comes_before_xnnpack(void);
