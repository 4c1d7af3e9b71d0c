#include "src/graph/shared-xnnpack/callers.h"

#include <stdlib.h>

#include "src/graph/shared-xnnpack/find-xnnpack.h"
#include "src/xnnx/thread-local.h"

_Atomic(struct xnnx_caller*) xnnx_callers;

// Of code that no file has, such as a just-in-time compiler's, this much has one caller.
static const uintptr_t page_bytes = 4096;

// The program and what it was linked with: the XNNPACK of all these is the next one. Where they lie is found when this library
// is loaded, so that their first call needs no lock: the loader's may be held by who waits for that call.
static struct {
  size_t count;  // 0: the program has no XNNPACK
  struct {
    uintptr_t begin;
    uintptr_t size;  // in bytes
  } objects[256];
  struct xnnx_xnnpack xnnpack;
} program;

__attribute__((constructor)) static void find_program(void)
{
  if (!xnnx_find_next_xnnpack(&program.xnnpack)) {
    return;
  }
  struct link_map* objects[sizeof(program.objects) / sizeof(program.objects[0])];
  const size_t count = xnnx_find_dependencies(
      xnnx_program_object(), sizeof(objects) / sizeof(objects[0]), objects);
  for (size_t i = 0; i < count; i++) {
    struct xnnx_loaded_object object;
    if (xnnx_find_loaded_object(objects[i]->l_ld, &object)) {
      program.objects[program.count].begin = object.begin;
      program.objects[program.count].size = object.end - object.begin;
      program.count++;
    }
  }
}

// Finds where a caller lies that the program was linked with.
static bool find_in_program(uintptr_t address, struct xnnx_caller* caller)
{
  for (size_t i = 0; i < program.count; i++) {
    if (address - program.objects[i].begin < program.objects[i].size) {
      caller->begin = program.objects[i].begin;
      caller->size = program.objects[i].size;
      return true;
    }
  }
  return false;
}

// The first ones need no memory: a program may call, and delete, where there is none.
static struct xnnx_caller* new_caller(void)
{
  static struct xnnx_caller first_callers[8];
  static atomic_size_t used;
  if (atomic_load(&used) < sizeof(first_callers) / sizeof(first_callers[0])) {
    const size_t next = atomic_fetch_add(&used, 1);
    if (next < sizeof(first_callers) / sizeof(first_callers[0])) {
      return &first_callers[next];
    }
  }
  return calloc(1, sizeof(struct xnnx_caller));
}

// Whether it may be remembered.
static bool find_by_loader(uintptr_t address, struct xnnx_caller* caller)
{
  struct xnnx_loaded_object object;
  const bool has_file = xnnx_find_loaded_object((const void*) address, &object);
  caller->begin = has_file ? object.begin : address / page_bytes * page_bytes;
  caller->size = has_file ? object.end - object.begin : page_bytes;
  return xnnx_find_xnnpack_of(has_file ? &object : NULL, &caller->of_its_own);
}

// One for each thread, of who is not remembered.
static struct xnnx_xnnpack* keep_for_thread(struct xnnx_xnnpack xnnpack)
{
  static XNNX_THREAD_LOCAL struct xnnx_xnnpack kept;
  kept = xnnpack;
  return &kept;
}

// Two threads may add the same caller: one of them is never found.
struct xnnx_xnnpack* xnnx_add_caller(const void* return_address)
{
  struct xnnx_caller found = {0};
  const bool is_in_program = find_in_program((uintptr_t) return_address, &found);
  const bool may_be_remembered = is_in_program || find_by_loader((uintptr_t) return_address, &found);
  struct xnnx_caller* caller = may_be_remembered ? new_caller() : NULL;
  if (caller == NULL) {
    return is_in_program ? &program.xnnpack : keep_for_thread(found.of_its_own);
  }
  *caller = found;
  caller->xnnpack = is_in_program ? &program.xnnpack : &caller->of_its_own;
  caller->next = atomic_load(&xnnx_callers);
  while (!atomic_compare_exchange_weak(&xnnx_callers, &caller->next, caller)) {
  }
  return caller->xnnpack;
}

struct xnnx_xnnpack* xnnx_xnnpack_of_passing_caller(const void* return_address)
{
  const struct xnnx_caller* known = xnnx_find_caller(return_address);
  struct xnnx_caller found = {0};
  if (known != NULL) {
    return known->xnnpack;
  }
  if (find_in_program((uintptr_t) return_address, &found)) {
    return &program.xnnpack;
  }
  struct xnnx_loaded_object object;
  const bool has_file = xnnx_find_loaded_object(return_address, &object);
  xnnx_find_xnnpack_once(has_file ? &object : NULL, &found.of_its_own);
  return keep_for_thread(found.of_its_own);
}
