// The program and the shared libraries that are loaded into it.

#pragma once

#include <limits.h>
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
  char path[PATH_MAX];  // empty for the program
};

// Finds what `address`, of code or data, lies in.
bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object);

#ifdef __cplusplus
}  // extern "C"
#endif
