// The least work that memory can be given: read it, copy it, scale it, with the widest vectors of this processor.

#pragma once

#include <cstddef>

namespace xnnx_bench {

// Pointers are aligned to 64 bytes; `count` elements are a multiple of 16 but for the last piece of a tensor.
struct MemoryMovers {
  void (*read)(const float* input, size_t count);
  void (*copy)(const float* input, float* output, size_t count);
  // With non-temporal stores, which need not read the output first.
  void (*copy_around_caches)(const float* input, float* output, size_t count);
  void (*scale_in_place)(float* data, size_t count);
};

MemoryMovers find_memory_movers();

}  // namespace xnnx_bench
