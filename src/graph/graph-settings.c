#include "src/graph/graph-settings.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct xnnx_graph_settings settings;
static pthread_once_t settings_once = PTHREAD_ONCE_INIT;

static bool is_one(const char* variable)
{
  const char* value = getenv(variable);
  return value != NULL && strcmp(value, "1") == 0;
}

static const char* base_name(const char* path)
{
  const char* slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
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

static bool is_preloaded(void)
{
  const char* preload = getenv("LD_PRELOAD");
  Dl_info self;
  return preload != NULL && dladdr(&settings, &self) != 0 && self.dli_fname != NULL &&
         names_library(preload, base_name(self.dli_fname));
}

static void read_environment(void)
{
  settings.disabled = is_one("XNNX_DISABLE");
  settings.verbose = is_one("XNNX_VERBOSE");
  settings.preloaded = is_preloaded();
}

const struct xnnx_graph_settings* xnnx_graph_settings(void)
{
  pthread_once(&settings_once, read_environment);
  return &settings;
}
