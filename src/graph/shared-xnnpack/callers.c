#include "src/graph/shared-xnnpack/callers.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/graph/loaded-objects.h"

_Atomic(struct xnnx_caller*) xnnx_callers;

static bool is_ours(const void* function)
{
  struct xnnx_loaded_object object;
  return xnnx_find_loaded_object(&xnnx_callers, &object) && (uintptr_t) function >= object.begin &&
         (uintptr_t) function < object.end;
}

static void* find_other_function(void* handle, const char* name)
{
  void* function = handle == NULL ? NULL : dlsym(handle, name);
  return function == NULL || is_ours(function) ? NULL : function;
}

// What `name` means to a library that was linked with `handle`, but for us. Where we were opened for somebody alone, nothing
// comes next, but the program may have it.
static void* find_function(void* handle, const char* name)
{
  void* function = find_other_function(handle, name);
  if (function == NULL) {
    function = dlsym(RTLD_NEXT, name);
  }
  return function != NULL ? function : find_other_function(dlopen(NULL, RTLD_LAZY), name);
}

// Whether a call comes from a function of the same name, such as a tracer's: it has found us as what comes next, and by its own
// handle we would find itself.
static bool is_wrapper(const void* return_address)
{
  static const char* const names[] = {
    "xnn_create_softmax_nc_f32", "xnn_reshape_softmax_nc_f32", "xnn_setup_softmax_nc_f32", "xnn_delete_operator",
    "pthreadpool_parallelize_1d", "pthreadpool_get_threads_count",
  };
  Dl_info info;
  const ElfW(Sym)* symbol = NULL;
  if (dladdr1(return_address, &info, (void**) &symbol, RTLD_DL_SYMENT) == 0 || info.dli_sname == NULL ||
      symbol == NULL || (uintptr_t) return_address > (uintptr_t) info.dli_saddr + symbol->st_size) {
    return false;
  }
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(info.dli_sname, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

static void find_xnnpack(struct xnnx_caller* caller, const void* return_address)
{
  // The handle stays open, so that the library stays.
  void* handle = is_wrapper(return_address)
                     ? NULL
                     : dlopen(caller->object.is_program ? NULL : caller->object.path, RTLD_LAZY | RTLD_NOLOAD);
  struct xnnx_xnnpack* xnnpack = &caller->xnnpack;
  xnnpack->path = caller->object.is_program ? "the program" : caller->object.path;
  xnnpack->create_softmax = (xnnx_function) find_function(handle, "xnn_create_softmax_nc_f32");
  xnnpack->reshape_softmax = (xnnx_function) find_function(handle, "xnn_reshape_softmax_nc_f32");
  xnnpack->setup_softmax = (xnnx_function) find_function(handle, "xnn_setup_softmax_nc_f32");
  xnnpack->run_operator = (__typeof__(xnnpack->run_operator)) find_function(handle, "xnn_run_operator");
  xnnpack->delete_operator = (__typeof__(xnnpack->delete_operator)) find_function(handle, "xnn_delete_operator");
  xnnpack->define_softmax = (__typeof__(xnnpack->define_softmax)) find_function(handle, "xnn_define_softmax");
  xnnpack->parallelize_1d = (__typeof__(xnnpack->parallelize_1d)) find_function(handle, "pthreadpool_parallelize_1d");
  xnnpack->get_threads_count =
      (__typeof__(xnnpack->get_threads_count)) find_function(handle, "pthreadpool_get_threads_count");
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

// Two threads may add the same caller: one of them is never found.
struct xnnx_xnnpack* xnnx_add_caller(const void* return_address)
{
  struct xnnx_caller* caller = new_caller();
  if (caller == NULL) {
    return NULL;
  }
  if (!xnnx_find_loaded_object(return_address, &caller->object)) {
    // Code that no file has, such as a just-in-time compiler's: like the program, for this address alone.
    caller->object.begin = (uintptr_t) return_address;
    caller->object.end = caller->object.begin + 1;
    caller->object.is_program = true;
  }
  caller->begin = caller->object.begin;
  caller->size = caller->object.end - caller->object.begin;
  find_xnnpack(caller, return_address);
  caller->next = atomic_load(&xnnx_callers);
  while (!atomic_compare_exchange_weak(&xnnx_callers, &caller->next, caller)) {
  }
  return &caller->xnnpack;
}

bool xnnx_comes_before_xnnpack(void)
{
  return is_ours(dlsym(RTLD_DEFAULT, "xnn_create_softmax_nc_f32"));
}
