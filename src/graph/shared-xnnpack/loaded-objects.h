// The program and the shared libraries that are loaded into it.

#pragma once

#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xnnx_loaded_object {
  uintptr_t begin;
  uintptr_t end;
  bool is_program;
  char path[PATH_MAX];  // empty for the program
};

// Finds what `address`, of code or data, lies in.
bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object);

// Finds the one that was loaded as number `index`; the program is number 0.
bool xnnx_get_loaded_object(size_t index, struct xnnx_loaded_object* object);

// The program, as the loader knows it. To be called while this library is loaded, when no other is.
struct link_map* xnnx_program_object(void);

// Finds what `object` was linked with, and that in turn, breadth first, as the loader searches it: each once, and `object`
// itself first. Returns how many there are, up to `capacity`.
size_t xnnx_find_dependencies(struct link_map* object, size_t capacity, struct link_map* found[]);
