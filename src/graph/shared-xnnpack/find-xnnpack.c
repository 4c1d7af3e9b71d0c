#include "src/graph/shared-xnnpack/find-xnnpack.h"

#include <dlfcn.h>
#include <limits.h>
#include <stddef.h>

// What these names are for this library: its own, or another's that comes first.
extern char first_create[] __asm__("xnn_create_softmax_nc_f32");
extern char first_parallelize_1d[] __asm__("pthreadpool_parallelize_1d");
extern char first_define[] __asm__("xnnx_define_softmax");

static size_t objects_at_start;  // 0: before this library was initialized

// Where a caller's names are searched.
struct scope {
  bool is_program_first;          // ours is in the program's scope, and so the program's libraries come first
  struct xnnx_loaded_object caller;
  void* opened;                   // the library that dlopen brought the caller with; NULL: none
  // That and what it was linked with, but for copies of this library.
  size_t count;
  struct link_map* objects[XNNX_MOST_DEPENDENCIES];
};

// NULL: none.
static struct link_map* object_of(const void* address)
{
  Dl_info info;
  struct link_map* object = NULL;
  return address != NULL && dladdr1(address, &info, (void**) &object, RTLD_DL_LINKMAP) != 0 ? object : NULL;
}

static struct link_map* our_object(void)
{
  return object_of(&objects_at_start);
}

static void* open_loaded(const char* path)
{
  return dlopen(path[0] == '\0' ? NULL : path, RTLD_LAZY | RTLD_NOLOAD);
}

static void close_loaded(void* handle)
{
  if (handle != NULL) {
    dlclose(handle);
  }
}

// The function of that name in `object` itself.
static void* find_function_in(const struct link_map* object, const char* name)
{
  void* handle = open_loaded(object->l_name);
  void* function = handle == NULL ? NULL : dlsym(handle, name);
  close_loaded(handle);
  return object_of(function) == object ? function : NULL;
}

// Ours, or another copy of this library.
static bool is_this_library(const struct link_map* object)
{
  return object == our_object() || find_function_in(object, "xnnx_define_softmax") != NULL;
}

static void set_objects(struct link_map* library, struct scope* scope)
{
  struct link_map* objects[XNNX_MOST_DEPENDENCIES];
  const size_t count = xnnx_find_dependencies(library, XNNX_MOST_DEPENDENCIES, objects);
  scope->count = 0;
  for (size_t i = 0; i < count; i++) {
    if (!is_this_library(objects[i])) {
      scope->objects[scope->count++] = objects[i];
    }
  }
}

// What comes after us in symbol order, but for another copy of this library.
static void* find_next_function(const char* name)
{
  void* function = dlsym(RTLD_NEXT, name);
  return function == NULL || object_of(function) == object_of(dlsym(RTLD_NEXT, "xnnx_define_softmax")) ? NULL : function;
}

// What the caller finds in the library that it came with.
static void* find_opened_function(const struct scope* scope, const char* name)
{
  void* function = scope->opened == NULL ? NULL : dlsym(scope->opened, name);
  if (function != NULL && !is_this_library(object_of(function))) {
    return function;
  }
  // Ours stands before it there.
  function = NULL;
  for (size_t i = 0; i < scope->count && function == NULL; i++) {
    function = find_function_in(scope->objects[i], name);
  }
  return function;
}

// Whether it was opened after the caller, which the loader has told another function by then.
static bool came_too_late(const struct scope* scope, const void* function)
{
  struct xnnx_loaded_object object;
  return scope->caller.index >= objects_at_start && xnnx_find_loaded_object(function, &object) &&
         object.index > scope->caller.index;
}

static void* find_function(const struct scope* scope, const char* name)
{
  void* const next = find_next_function(name);
  if (next != NULL && scope->is_program_first && !came_too_late(scope, next)) {
    return next;
  }
  void* function = find_opened_function(scope, name);
  if (function == NULL) {
    function = next != NULL ? next : dlsym(dlopen(NULL, RTLD_LAZY), name);
  }
  return object_of(function) == our_object() ? NULL : function;
}

static void find_pthreadpool(const struct scope* scope, struct xnnx_xnnpack* xnnpack)
{
  xnnpack->parallelize_1d = (__typeof__(xnnpack->parallelize_1d)) find_function(scope, "pthreadpool_parallelize_1d");
  xnnpack->get_threads_count =
      (__typeof__(xnnpack->get_threads_count)) find_function(scope, "pthreadpool_get_threads_count");
}

static void find_xnnpack(const struct scope* scope, struct xnnx_xnnpack* xnnpack)
{
  xnnpack->create_softmax = (xnnx_function) find_function(scope, "xnn_create_softmax_nc_f32");
  xnnpack->reshape_softmax = (xnnx_function) find_function(scope, "xnn_reshape_softmax_nc_f32");
  xnnpack->setup_softmax = (xnnx_function) find_function(scope, "xnn_setup_softmax_nc_f32");
  xnnpack->run_operator = (__typeof__(xnnpack->run_operator)) find_function(scope, "xnn_run_operator");
  xnnpack->delete_operator = (__typeof__(xnnpack->delete_operator)) find_function(scope, "xnn_delete_operator");
  xnnpack->define_softmax = (__typeof__(xnnpack->define_softmax)) find_function(scope, "xnn_define_softmax");
  const struct link_map* object = object_of((const void*) xnnpack->create_softmax);
  xnnpack->path = object == NULL || object->l_name[0] == '\0' ? "the program" : object->l_name;
}

bool xnnx_find_next_xnnpack(struct xnnx_xnnpack* xnnpack)
{
  objects_at_start = xnnx_count_loaded_objects();
  const struct scope scope = {.is_program_first = true};
  find_xnnpack(&scope, xnnpack);
  find_pthreadpool(&scope, xnnpack);
  dlerror();  // of ours, so that the program does not see it
  return xnnpack->create_softmax != NULL && xnnpack->parallelize_1d != NULL;
}

// Any XNNPACK of the process, and the pthreadpool that goes with it unless there is one: a call seems to come from the program
// where a function of a library of RTLD_LOCAL ends with it.
static __attribute__((noinline)) void find_anywhere(struct xnnx_xnnpack* xnnpack)
{
  char path[PATH_MAX];
  const bool has_pthreadpool = xnnpack->parallelize_1d != NULL || xnnpack->get_threads_count != NULL;
  for (size_t i = 0; xnnpack->create_softmax == NULL && xnnx_copy_path_of_loaded_object(i, sizeof(path), path); i++) {
    void* handle = open_loaded(path);
    struct scope scope = {.opened = handle};
    struct link_map* object = NULL;
    if (handle != NULL && dlinfo(handle, RTLD_DI_LINKMAP, &object) == 0 && !is_this_library(object) &&
        find_function_in(object, "xnn_create_softmax_nc_f32") != NULL) {
      set_objects(object, &scope);
      find_xnnpack(&scope, xnnpack);  // its handle stays open
      if (!has_pthreadpool) {
        find_pthreadpool(&scope, xnnpack);
      }
    } else {
      close_loaded(handle);
    }
  }
}

// Whether `name` leads to this library. A program that is not position-independent has entries of its own for functions whose
// addresses it takes, and these are the functions' addresses everywhere.
static bool leads_to_us(void* handle, const char* name, const void* first)
{
  const void* function = dlsym(handle, name);
  const struct link_map* object = object_of(function);
  return object != NULL && (object == our_object() || (function == first && object->l_name[0] == '\0'));
}

// Ours may be part of the program, too, which exports what others call alone.
static bool is_in_scope_of_program(void)
{
  void* program = dlopen(NULL, RTLD_LAZY);
  return leads_to_us(program, "pthreadpool_parallelize_1d", first_parallelize_1d) ||
         leads_to_us(program, "xnnx_define_softmax", first_define);
}

// Opens the library that dlopen brought the caller with.
static void* open_library_of(const struct xnnx_loaded_object* caller, struct scope* scope)
{
  struct link_map* object = NULL;
  void* handle = open_loaded(caller->path);
  if (handle == NULL || dlinfo(handle, RTLD_DI_LINKMAP, &object) != 0) {
    return handle;
  }
  struct link_map* library = xnnx_find_opened_library(object, objects_at_start);
  scope->opened = library == object ? handle : open_loaded(library->l_name);
  set_objects(library, scope);
  return handle;
}

// The caller's handle in *caller_handle, and that of the library that it came with in the scope, stay open.
static void find_for(
    const struct xnnx_loaded_object* caller, struct scope* scope, void** caller_handle, struct xnnx_xnnpack* xnnpack)
{
  // Before this library is initialized others are not, which opening them would do.
  const bool may_open = objects_at_start != 0;
  scope->is_program_first = !may_open || is_in_scope_of_program();
  if (caller != NULL && may_open) {
    scope->caller = *caller;
    *caller_handle = open_library_of(caller, scope);
  }
  find_xnnpack(scope, xnnpack);
  find_pthreadpool(scope, xnnpack);
  if (xnnpack->create_softmax == NULL && may_open) {
    find_anywhere(xnnpack);
  }
}

// Keeps what `function` lies in.
static void hold(const void* function)
{
  const struct link_map* object = object_of(function);
  if (object != NULL) {
    open_loaded(object->l_name);
  }
}

bool xnnx_find_xnnpack_of(const struct xnnx_loaded_object* caller, struct xnnx_xnnpack* xnnpack)
{
  struct scope scope = {.count = 0};
  void* caller_handle = NULL;
  find_for(caller, &scope, &caller_handle, xnnpack);
  hold((const void*) xnnpack->create_softmax);
  hold((const void*) xnnpack->parallelize_1d);
  return caller == NULL || caller_handle != NULL;
}

void xnnx_find_xnnpack_once(const struct xnnx_loaded_object* caller, struct xnnx_xnnpack* xnnpack)
{
  struct scope scope = {.count = 0};
  void* caller_handle = NULL;
  find_for(caller, &scope, &caller_handle, xnnpack);
  if (scope.opened != caller_handle) {
    close_loaded(scope.opened);
  }
  close_loaded(caller_handle);
}

bool xnnx_comes_before_xnnpack(void)
{
  return leads_to_us(RTLD_DEFAULT, "xnn_create_softmax_nc_f32", first_create);
}

bool xnnx_comes_before_other_copies(void)
{
  return leads_to_us(RTLD_DEFAULT, "xnnx_define_softmax", first_define);
}
