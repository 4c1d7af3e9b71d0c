// The algorithms that this library can be made to use.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xnnx_bench {

struct Algorithm {
  const char* name;
  uint32_t flags;
  // How often its passes read and write an element, all together. (An ordinary store that misses all caches reads the
  // memory once more.)
  size_t reads;
  size_t writes;
};

const std::vector<Algorithm>& all_algorithms();

}  // namespace xnnx_bench
