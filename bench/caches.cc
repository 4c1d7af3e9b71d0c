#include "bench/caches.h"

#include <cpuinfo.h>
#include <sched.h>

#include <stdexcept>

namespace xnnx_bench {
namespace {

void initialize_cpuinfo()
{
  if (!cpuinfo_initialize()) {
    throw std::runtime_error("cpuinfo cannot identify this processor");
  }
}

std::string describe_bytes(size_t bytes)
{
  const size_t kib = bytes / 1024;
  return kib % 1024 == 0 && kib >= 4096 ? std::to_string(kib / 1024) + " MiB" : std::to_string(kib) + " KiB";
}

}  // namespace

Caches find_caches()
{
  initialize_cpuinfo();
  const cpuinfo_cache* l1 = cpuinfo_get_l1d_caches_count() != 0 ? cpuinfo_get_l1d_cache(0) : nullptr;
  const cpuinfo_cache* l2 = cpuinfo_get_l2_caches_count() != 0 ? cpuinfo_get_l2_cache(0) : nullptr;
  const cpuinfo_cache* l3 = cpuinfo_get_l3_caches_count() != 0 ? cpuinfo_get_l3_cache(0) : nullptr;
  return {
      l1 != nullptr ? l1->size : 0,
      l2 != nullptr ? l2->size : 0,
      l3 != nullptr ? l3->size : 0,
  };
}

std::string describe_processor()
{
  const Caches caches = find_caches();
  std::string text = cpuinfo_get_packages_count() != 0 ? cpuinfo_get_package(0)->name : "unknown processor";
  text += ", L1 " + describe_bytes(caches.l1_bytes) + ", L2 " + describe_bytes(caches.l2_bytes);
  if (caches.l3_bytes != 0) {
    text += ", L3 " + describe_bytes(caches.l3_bytes);
  }
  const size_t processors = count_usable_processors();
  return text + ", " + std::to_string(processors) + (processors == 1 ? " core" : " cores");
}

size_t count_usable_processors()
{
  cpu_set_t processors;
  return sched_getaffinity(0, sizeof(processors), &processors) == 0 ? static_cast<size_t>(CPU_COUNT(&processors)) : 1;
}

}  // namespace xnnx_bench
