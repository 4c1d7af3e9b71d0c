#include "src/graph/loaded-objects.h"

#include <link.h>
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
