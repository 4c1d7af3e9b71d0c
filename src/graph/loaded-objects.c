#include "src/graph/loaded-objects.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

struct search {
  uintptr_t address;
  size_t objects_seen;
  struct xnnx_loaded_object* object;
};

static int look_at_object(struct dl_phdr_info* info, size_t info_bytes, void* context)
{
  (void) info_bytes;
  struct search* search = context;
  const bool is_program = search->objects_seen++ == 0;  // it comes first
  uintptr_t begin = UINTPTR_MAX;
  uintptr_t end = 0;
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)* segment = &info->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD) {
      const uintptr_t start = info->dlpi_addr + segment->p_vaddr;
      begin = start < begin ? start : begin;
      end = start + segment->p_memsz > end ? start + segment->p_memsz : end;
    }
  }
  if (search->address < begin || search->address >= end) {
    return 0;
  }
  struct xnnx_loaded_object* object = search->object;
  object->begin = begin;
  object->end = end;
  object->is_program = is_program;
  object->path[0] = '\0';
  if (!is_program) {
    strncat(object->path, info->dlpi_name, sizeof(object->path) - 1);
  }
  return 1;
}

bool xnnx_find_loaded_object(const void* address, struct xnnx_loaded_object* object)
{
  struct search search = {.address = (uintptr_t) address, .object = object};
  return dl_iterate_phdr(look_at_object, &search) != 0;
}

static const char* base_name(const char* path)
{
  const char* slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

// Whether `object` was linked with a library of the name `context`.
static int needs_library(struct dl_phdr_info* object, size_t info_bytes, void* context)
{
  (void) info_bytes;
  const ElfW(Dyn)* dynamic = NULL;
  for (size_t i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type == PT_DYNAMIC) {
      dynamic = (const ElfW(Dyn)*) (object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
    }
  }
  uintptr_t strings = 0;
  for (const ElfW(Dyn)* entry = dynamic; entry != NULL && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_STRTAB) {
      // glibc has made it an address, but for objects in read-only memory.
      strings = entry->d_un.d_ptr < object->dlpi_addr ? object->dlpi_addr + entry->d_un.d_ptr : entry->d_un.d_ptr;
    }
  }
  for (const ElfW(Dyn)* entry = dynamic; strings != 0 && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_NEEDED) {
      const char* needed = (const char*) (strings + entry->d_un.d_val);
      if (strcmp(base_name(needed), context) == 0) {
        return 1;
      }
    }
  }
  return 0;
}

// Whether `preload`, paths between colons and spaces, has one with the base name `name`.
static bool names_library(const char* preload, const char* name)
{
  const size_t name_length = strlen(name);
  while (*preload != '\0') {
    const size_t base_length = strcspn(preload, "/: ");
    const bool ends_path = preload[base_length] != '/';
    if (ends_path && base_length == name_length && strncmp(preload, name, name_length) == 0) {
      return true;
    }
    preload += base_length;
    preload += *preload != '\0';
  }
  return false;
}

bool xnnx_is_preloaded(void)
{
  static const char self;
  struct xnnx_loaded_object object;
  if (!xnnx_find_loaded_object(&self, &object) || object.is_program) {
    return false;
  }
  char* name = (char*) base_name(object.path);
  if (dl_iterate_phdr(needs_library, name) == 0) {
    return true;
  }
  const char* preload = getenv("LD_PRELOAD");
  return preload != NULL && names_library(preload, name);
}
