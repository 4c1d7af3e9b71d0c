// The program and the shared libraries that are loaded into it.

#pragma once

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Of a library; more are not searched.
#define XNNX_MOST_DEPENDENCIES ((size_t) 128)

struct xnnx_loaded_object {
  uintptr_t begin;
  uintptr_t end;
  size_t index;      // in order of loading; the program is number 0
  const char* path;  // empty for the program; there until it is unloaded
};

// Finds what `address`, of code or data, lies in.
bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object);

// Copies the path of the one with that index to `path`, shortened to `path_bytes`.
bool xnnx_copy_path_of_loaded_object(size_t index, size_t path_bytes, char* path);

size_t xnnx_count_loaded_objects(void);

// The program, as the loader knows it. To be called while this library is loaded, when no other is.
struct link_map* xnnx_program_object(void);

// Finds what `object` was linked with, and that in turn, breadth first, as the loader searches it: each once, and `object`
// itself first. Returns how many there are, up to `capacity`.
size_t xnnx_find_dependencies(struct link_map* object, size_t capacity, struct link_map* found[]);

// The library that dlopen was called for when `object` was loaded, of those from `first_index` on: the first one that
// depends on it, or else `object`.
struct link_map* xnnx_find_opened_library(struct link_map* object, size_t first_index);
