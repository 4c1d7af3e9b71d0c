// The processor as cpuinfo describes it.

#pragma once

#include <cstddef>
#include <string>

namespace xnnx_bench {

struct Caches {
  size_t l1_bytes;
  size_t l2_bytes;
  size_t l3_bytes;  // 0: none
  size_t last_level_bytes() const { return l3_bytes != 0 ? l3_bytes : l2_bytes; }
};

// Data caches that one core reaches. Throws std::runtime_error if cpuinfo cannot identify the processor.
Caches find_caches();

// "AMD EPYC, L1 32 KiB, L2 1024 KiB, L3 32 MiB, 2 cores"
std::string describe_processor();

// Processors that this process may run on.
size_t count_usable_processors();

}  // namespace xnnx_bench
