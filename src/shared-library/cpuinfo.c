// cpuinfo, for the shared library. It is loaded when the first operator is created, and for this library alone: were it
// linked, its functions and variables would take the place of those of any other cpuinfo in the process, such as a newer
// one inside a wheel that ours is preloaded into.

#include <cpuinfo.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

// Its own symbols come first for it, whatever else the program has. Sanitizers do not allow that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_SYMBOLS_FIRST 0
#else
#define OWN_SYMBOLS_FIRST RTLD_DEEPBIND
#endif

struct functions {
  __typeof__(&cpuinfo_initialize) initialize;
  __typeof__(&cpuinfo_get_l2_caches_count) l2_caches_count;
  __typeof__(&cpuinfo_get_l3_caches_count) l3_caches_count;
  __typeof__(&cpuinfo_get_l4_caches_count) l4_caches_count;
  __typeof__(&cpuinfo_get_l2_cache) l2_cache;
  __typeof__(&cpuinfo_get_l3_cache) l3_cache;
  __typeof__(&cpuinfo_get_l4_cache) l4_cache;
};

static struct functions loaded;

#define FIND(function) ((__typeof__(&function)) dlsym(library, #function))

// Whether it is there and knows this processor.
static bool load(struct functions* functions)
{
  void* library = dlopen("libcpuinfo.so.0", RTLD_NOW | RTLD_LOCAL | OWN_SYMBOLS_FIRST);
  if (library == NULL) {
    return false;
  }
  functions->initialize = FIND(cpuinfo_initialize);
  functions->l2_caches_count = FIND(cpuinfo_get_l2_caches_count);
  functions->l3_caches_count = FIND(cpuinfo_get_l3_caches_count);
  functions->l4_caches_count = FIND(cpuinfo_get_l4_caches_count);
  functions->l2_cache = FIND(cpuinfo_get_l2_cache);
  functions->l3_cache = FIND(cpuinfo_get_l3_cache);
  functions->l4_cache = FIND(cpuinfo_get_l4_cache);
  return functions->initialize();
}

// Threads that come first at the same time load it each, which is the same. None of them holds a lock meanwhile: one whose
// library is being opened has the loader's already, which the others wait for.
bool cpuinfo_initialize(void)
{
  static atomic_bool is_loaded;
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  if (atomic_load(&is_loaded)) {
    return true;
  }
  struct functions functions;
  if (!load(&functions)) {
    return false;
  }
  pthread_mutex_lock(&mutex);
  if (!atomic_load(&is_loaded)) {
    loaded = functions;
    atomic_store(&is_loaded, true);
  }
  pthread_mutex_unlock(&mutex);
  return true;
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
