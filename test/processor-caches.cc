#include "test/processor-caches.h"

#include <cpuinfo.h>

Caches caches;

namespace {

struct cpuinfo_cache l2;
struct cpuinfo_cache l3;
struct cpuinfo_cache l4;

const struct cpuinfo_cache* sized(struct cpuinfo_cache* cache, uint32_t bytes) {
  cache->size = bytes;
  return cache;
}

}  // namespace

extern "C" {

uint32_t cpuinfo_get_l2_caches_count(void) { return caches.l2_bytes != 0; }
uint32_t cpuinfo_get_l3_caches_count(void) { return caches.l3_bytes != 0; }
uint32_t cpuinfo_get_l4_caches_count(void) { return caches.l4_bytes != 0; }
const struct cpuinfo_cache* cpuinfo_get_l2_cache(uint32_t) { return sized(&l2, caches.l2_bytes); }
const struct cpuinfo_cache* cpuinfo_get_l3_cache(uint32_t) { return sized(&l3, caches.l3_bytes); }
const struct cpuinfo_cache* cpuinfo_get_l4_cache(uint32_t) { return sized(&l4, caches.l4_bytes); }

}  // extern "C"
