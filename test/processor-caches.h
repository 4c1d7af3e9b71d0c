// The caches that cpuinfo reports, which a test that links this says: the numbers that it expects are those of some processor
// and not of the one that it runs on.

#pragma once

#include <cstdint>

// A size of 0: no such cache.
struct Caches {
  uint32_t l2_bytes = 1 << 20;
  uint32_t l3_bytes = 32 << 20;
  uint32_t l4_bytes = 0;
};

extern Caches caches;
