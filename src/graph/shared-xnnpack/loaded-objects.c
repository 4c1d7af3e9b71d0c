#include "src/graph/shared-xnnpack/loaded-objects.h"

#include <dlfcn.h>
#include <string.h>

struct search {
  const void* address;  // NULL: number `index` is looked for
  size_t index;
  size_t objects_seen;
  struct xnnx_loaded_object* object;
};

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

static int look_at_object(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info_bytes;
  struct search* search = context;
  const size_t index = search->objects_seen++;
  uintptr_t begin;
  uintptr_t end;
  find_range(info, &begin, &end);
  const bool is_found = search->address == NULL
                            ? index == search->index
                            : (uintptr_t) search->address >= begin && (uintptr_t) search->address < end;
  if (is_found) {
    *search->object = (struct xnnx_loaded_object){.begin = begin, .end = end, .is_program = index == 0};
    if (index != 0) {
      strncat(search->object->path, info->dlpi_name, sizeof(search->object->path) - 1);
    }
  }
  return is_found;
}

bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object)
{
  struct search search = {.address = address, .object = object};
  return dl_iterate_phdr(look_at_object, &search) != 0;
}

bool xnnx_get_loaded_object(size_t index, struct xnnx_loaded_object* object)
{
  struct search search = {.index = index, .object = object};
  return dl_iterate_phdr(look_at_object, &search) != 0;
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

static int follow_dependencies(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info;
  (void) info_bytes;
  struct dependencies* dependencies = context;
  for (size_t i = 0; i < dependencies->count; i++) {
    struct link_map* object = dependencies->found[i];
    for (const ElfW(Dyn)* entry = object->l_ld; entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_NEEDED) {
        add(dependencies, find_by_name(object, string_at(object, entry->d_un.d_val)));
      }
    }
  }
  return 1;
}

struct link_map* xnnx_program_object(void)
{
  Dl_info info;
  struct link_map* own = NULL;
  return dladdr1((const void*) xnnx_program_object, &info, (void**) &own, RTLD_DL_LINKMAP) == 0 ? NULL : first_of(own);
}

size_t xnnx_find_dependencies(struct link_map* object, size_t capacity, struct link_map* found[])
{
  struct dependencies dependencies = {.capacity = capacity, .found = found};
  add(&dependencies, object);
  // Within it nothing is loaded or unloaded.
  dl_iterate_phdr(follow_dependencies, &dependencies);
  return dependencies.count;
}
