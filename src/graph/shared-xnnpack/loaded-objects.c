#include "src/graph/shared-xnnpack/loaded-objects.h"

#include <dlfcn.h>
#include <string.h>

static void find_range(const struct dl_phdr_info* info, uintptr_t* begin, uintptr_t* end)
{
  *begin = UINTPTR_MAX;
  *end = 0;
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)* segment = &info->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD) {
      const uintptr_t start = info->dlpi_addr + segment->p_vaddr;
      *begin = start < *begin ? start : *begin;
      *end = start + segment->p_memsz > *end ? start + segment->p_memsz : *end;
    }
  }
}

struct search_by_address {
  uintptr_t address;
  size_t objects_seen;
  struct xnnx_loaded_object* object;
};

static int compare_address(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info_bytes;
  struct search_by_address* search = context;
  struct xnnx_loaded_object object = {.index = search->objects_seen++};
  object.path = object.index == 0 ? "" : info->dlpi_name;
  find_range(info, &object.begin, &object.end);
  if (search->address < object.begin || search->address >= object.end) {
    return 0;
  }
  *search->object = object;
  return 1;
}

bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object)
{
  struct search_by_address search = {.address = (uintptr_t) address, .object = object};
  return dl_iterate_phdr(compare_address, &search) != 0;
}

struct search_by_index {
  size_t index;
  size_t objects_seen;
  size_t path_bytes;
  char* path;
};

static int compare_index(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info_bytes;
  struct search_by_index* search = context;
  if (search->objects_seen++ != search->index) {
    return 0;
  }
  search->path[0] = '\0';
  if (search->index != 0) {
    strncat(search->path, info->dlpi_name, search->path_bytes - 1);
  }
  return 1;
}

bool xnnx_copy_path_of_loaded_object(size_t index, size_t path_bytes, char* path)
{
  struct search_by_index search = {.index = index, .path_bytes = path_bytes, .path = path};
  return dl_iterate_phdr(compare_index, &search) != 0;
}

static int count(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info;
  (void) info_bytes;
  ++*(size_t*) context;
  return 0;
}

size_t xnnx_count_loaded_objects(void)
{
  size_t objects = 0;
  dl_iterate_phdr(count, &objects);
  return objects;
}

static const ElfW(Dyn)* find_entry(const struct link_map* object, ElfW(Sxword) tag)
{
  for (const ElfW(Dyn)* entry = object->l_ld; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == tag) {
      return entry;
    }
  }
  return NULL;
}

static const char* string_at(const struct link_map* object, ElfW(Xword) offset)
{
  const uintptr_t strings = find_entry(object, DT_STRTAB)->d_un.d_ptr;
  // The loader leaves it relative where it cannot write.
  return (const char*) (strings < object->l_addr ? strings + object->l_addr : strings) + offset;
}

static bool has_name(const struct link_map* object, const char* name)
{
  const char* slash = strrchr(object->l_name, '/');
  const ElfW(Dyn)* own_name = find_entry(object, DT_SONAME);
  return strcmp(object->l_name, name) == 0 || (slash != NULL && strcmp(slash + 1, name) == 0) ||
         (own_name != NULL && strcmp(string_at(object, own_name->d_un.d_val), name) == 0);
}

static struct link_map* first_of(struct link_map* object)
{
  while (object->l_prev != NULL) {
    object = object->l_prev;
  }
  return object;
}

// Among all that is loaded, as `any` is.
static struct link_map* find_by_name(struct link_map* any, const char* name)
{
  struct link_map* object = first_of(any);
  while (object != NULL && !has_name(object, name)) {
    object = object->l_next;
  }
  return object;
}

struct dependencies {
  size_t capacity;
  size_t count;
  struct link_map** found;
};

static void add(struct dependencies* dependencies, struct link_map* object)
{
  for (size_t i = 0; i < dependencies->count; i++) {
    if (dependencies->found[i] == object) {
      return;
    }
  }
  if (object != NULL && dependencies->count < dependencies->capacity) {
    dependencies->found[dependencies->count++] = object;
  }
}

static void follow(struct dependencies* dependencies)
{
  for (size_t i = 0; i < dependencies->count; i++) {
    struct link_map* object = dependencies->found[i];
    for (const ElfW(Dyn)* entry = object->l_ld; entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_NEEDED) {
        add(dependencies, find_by_name(object, string_at(object, entry->d_un.d_val)));
      }
    }
  }
}

// Within dl_iterate_phdr nothing is loaded or unloaded.
static int follow_once(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info;
  (void) info_bytes;
  follow(context);
  return 1;
}

size_t xnnx_find_dependencies(struct link_map* object, size_t capacity, struct link_map* found[])
{
  struct dependencies dependencies = {.capacity = capacity, .found = found};
  add(&dependencies, object);
  dl_iterate_phdr(follow_once, &dependencies);
  return dependencies.count;
}

struct search_for_opened {
  struct link_map* object;
  size_t first_index;
  struct link_map* opened;
};

static bool depends_on(struct link_map* library, const struct link_map* object)
{
  struct link_map* found[XNNX_MOST_DEPENDENCIES];
  struct dependencies dependencies = {.capacity = XNNX_MOST_DEPENDENCIES, .found = found};
  add(&dependencies, library);
  follow(&dependencies);
  for (size_t i = 0; i < dependencies.count; i++) {
    if (found[i] == object) {
      return true;
    }
  }
  return false;
}

static int search_for_opened(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info;
  (void) info_bytes;
  struct search_for_opened* search = context;
  size_t index = 0;
  for (struct link_map* library = first_of(search->object); library != NULL; library = library->l_next) {
    if (index++ >= search->first_index && depends_on(library, search->object)) {
      search->opened = library;
      return 1;
    }
  }
  return 1;
}

struct link_map* xnnx_find_opened_library(struct link_map* object, size_t first_index)
{
  struct search_for_opened search = {.object = object, .first_index = first_index, .opened = object};
  dl_iterate_phdr(search_for_opened, &search);
  return search.opened;
}

struct link_map* xnnx_program_object(void)
{
  Dl_info info;
  struct link_map* own = NULL;
  return dladdr1((const void*) xnnx_program_object, &info, (void**) &own, RTLD_DL_LINKMAP) == 0 ? NULL : first_of(own);
}
