#include "src/graph/shared-xnnpack/find-xnnpack.h"

#include <dlfcn.h>
#include <stddef.h>

#include "src/graph/shared-xnnpack/callers.h"

// Of a library; more are not searched.
#define MOST_DEPENDENCIES ((size_t) 128)

// What is searched for a name.
struct scope {
  bool is_next_first;  // ours is in the program's scope, whose other libraries come before what a plug-in was linked with
  size_t count;
  struct link_map* objects[MOST_DEPENDENCIES];
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
  return object_of(&xnnx_callers);
}

static void* open_loaded(const char* path)
{
  return dlopen(path[0] == '\0' ? NULL : path, RTLD_LAZY | RTLD_NOLOAD);
}

// The function of that name in `object` itself.
static void* find_function_in(const struct link_map* object, const char* name)
{
  void* handle = open_loaded(object->l_name);
  if (handle == NULL) {
    return NULL;
  }
  void* function = dlsym(handle, name);
  const bool is_its_own = object_of(function) == object;
  dlclose(handle);
  return is_its_own ? function : NULL;
}

// Ours, or another copy of this library.
static bool is_this_library(const struct link_map* object)
{
  return object == our_object() || find_function_in(object, "xnnx_define_softmax") != NULL;
}

// The library and what it was linked with, but for us.
static void set_objects(struct link_map* library, struct scope* scope)
{
  struct link_map* objects[MOST_DEPENDENCIES];
  const size_t count = xnnx_find_dependencies(library, MOST_DEPENDENCIES, objects);
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

static void* find_function(const struct scope* scope, const char* name)
{
  void* function = scope->is_next_first ? find_next_function(name) : NULL;
  for (size_t i = 0; i < scope->count && function == NULL; i++) {
    function = find_function_in(scope->objects[i], name);
  }
  if (function == NULL) {
    function = find_next_function(name);
  }
  if (function == NULL) {
    function = dlsym(RTLD_DEFAULT, name);
  }
  return object_of(function) == our_object() ? NULL : function;
}

static void find_functions(const struct scope* scope, struct xnnx_xnnpack* xnnpack)
{
  xnnpack->create_softmax = (xnnx_function) find_function(scope, "xnn_create_softmax_nc_f32");
  xnnpack->reshape_softmax = (xnnx_function) find_function(scope, "xnn_reshape_softmax_nc_f32");
  xnnpack->setup_softmax = (xnnx_function) find_function(scope, "xnn_setup_softmax_nc_f32");
  xnnpack->run_operator = (__typeof__(xnnpack->run_operator)) find_function(scope, "xnn_run_operator");
  xnnpack->delete_operator = (__typeof__(xnnpack->delete_operator)) find_function(scope, "xnn_delete_operator");
  xnnpack->define_softmax = (__typeof__(xnnpack->define_softmax)) find_function(scope, "xnn_define_softmax");
  xnnpack->parallelize_1d = (__typeof__(xnnpack->parallelize_1d)) find_function(scope, "pthreadpool_parallelize_1d");
  xnnpack->get_threads_count =
      (__typeof__(xnnpack->get_threads_count)) find_function(scope, "pthreadpool_get_threads_count");
  const struct link_map* object = object_of((const void*) xnnpack->create_softmax);
  xnnpack->path = object == NULL || object->l_name[0] == '\0' ? "the program" : object->l_name;
}

bool xnnx_find_next_xnnpack(struct xnnx_xnnpack* xnnpack)
{
  const struct scope scope = {.is_next_first = true};
  find_functions(&scope, xnnpack);
  return xnnpack->create_softmax != NULL && xnnpack->parallelize_1d != NULL;
}

// Any XNNPACK of the process: a call seems to come from the program where a library of RTLD_LOCAL ends a function with it.
static void find_anywhere(struct xnnx_xnnpack* xnnpack)
{
  struct xnnx_loaded_object loaded;
  for (size_t i = 0; xnnpack->create_softmax == NULL && xnnx_get_loaded_object(i, &loaded); i++) {
    void* handle = open_loaded(loaded.path);
    struct scope scope = {.count = 0};
    struct link_map* object = NULL;
    if (handle != NULL && dlinfo(handle, RTLD_DI_LINKMAP, &object) == 0 && !is_this_library(object) &&
        find_function_in(object, "xnn_create_softmax_nc_f32") != NULL) {
      set_objects(object, &scope);
      find_functions(&scope, xnnpack);  // its handle stays open
    } else if (handle != NULL) {
      dlclose(handle);
    }
  }
}

void xnnx_find_xnnpack_of(const struct xnnx_loaded_object* caller, struct xnnx_xnnpack* xnnpack)
{
  struct scope scope = {
    .is_next_first = object_of(dlsym(dlopen(NULL, RTLD_LAZY), "xnnx_define_softmax")) == our_object(),
  };
  // The handle stays open, so that the library stays.
  void* handle = caller == NULL ? NULL : open_loaded(caller->path);
  struct link_map* object = NULL;
  if (handle != NULL && dlinfo(handle, RTLD_DI_LINKMAP, &object) == 0) {
    set_objects(object, &scope);
  }
  find_functions(&scope, xnnpack);
  find_anywhere(xnnpack);
}

bool xnnx_comes_before_xnnpack(void)
{
  return object_of(dlsym(RTLD_DEFAULT, "xnn_create_softmax_nc_f32")) == our_object();
}

bool xnnx_comes_before_other_copies(void)
{
  return object_of(dlsym(RTLD_DEFAULT, "xnnx_define_softmax")) == our_object();
}
