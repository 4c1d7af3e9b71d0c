// The program and the shared libraries that are loaded into it.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xnnx_loaded_object {
  uintptr_t begin;
  uintptr_t end;
  bool is_program;
  char path[512];  // empty for the program
};

// Finds what `address`, of code or data, lies in.
bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object);

// Whether the loader brought this library because LD_PRELOAD, --preload, /etc/ld.so.preload or dlopen said so: nothing
// that is loaded was linked with it, or else LD_PRELOAD names it all the same.
bool xnnx_is_preloaded(void);

#ifdef __cplusplus
}  // extern "C"
#endif
