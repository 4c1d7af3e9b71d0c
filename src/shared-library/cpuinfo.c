// cpuinfo, for the shared library. It is loaded when the first operator is created, and for this library alone: were it
// linked, its functions and variables would take the place of those of any other cpuinfo in the process, such as a newer
// one inside a wheel that ours is preloaded into.

#include <cpuinfo.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

// Its own symbols come first for it, whatever else the program has. Sanitizers do not allow that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_SYMBOLS_FIRST 0
#else
#define OWN_SYMBOLS_FIRST RTLD_DEEPBIND
#endif

static struct {
  __typeof__(&cpuinfo_initialize) initialize;
  __typeof__(&cpuinfo_get_l2_caches_count) l2_caches_count;
  __typeof__(&cpuinfo_get_l3_caches_count) l3_caches_count;
  __typeof__(&cpuinfo_get_l4_caches_count) l4_caches_count;
  __typeof__(&cpuinfo_get_l2_cache) l2_cache;
  __typeof__(&cpuinfo_get_l3_cache) l3_cache;
  __typeof__(&cpuinfo_get_l4_cache) l4_cache;
} loaded;

static bool is_initialized;

#define FIND(function) ((__typeof__(&function)) dlsym(library, #function))

static void load(void)
{
  void* library = dlopen("libcpuinfo.so.0", RTLD_NOW | RTLD_LOCAL | OWN_SYMBOLS_FIRST);
  if (library == NULL) {
    return;
  }
  loaded.initialize = FIND(cpuinfo_initialize);
  loaded.l2_caches_count = FIND(cpuinfo_get_l2_caches_count);
  loaded.l3_caches_count = FIND(cpuinfo_get_l3_caches_count);
  loaded.l4_caches_count = FIND(cpuinfo_get_l4_caches_count);
  loaded.l2_cache = FIND(cpuinfo_get_l2_cache);
  loaded.l3_cache = FIND(cpuinfo_get_l3_cache);
  loaded.l4_cache = FIND(cpuinfo_get_l4_cache);
  is_initialized = loaded.initialize();
}

bool cpuinfo_initialize(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_initialized;
}

uint32_t cpuinfo_get_l2_caches_count(void)
{
  return loaded.l2_caches_count();
}

uint32_t cpuinfo_get_l3_caches_count(void)
{
  return loaded.l3_caches_count();
}

uint32_t cpuinfo_get_l4_caches_count(void)
{
  return loaded.l4_caches_count();
}

const struct cpuinfo_cache* cpuinfo_get_l2_cache(uint32_t index)
{
  return loaded.l2_cache(index);
}

const struct cpuinfo_cache* cpuinfo_get_l3_cache(uint32_t index)
{
  return loaded.l3_cache(index);
}

const struct cpuinfo_cache* cpuinfo_get_l4_cache(uint32_t index)
{
  return loaded.l4_cache(index);
}
