// What every microbenchmark reports.

#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>

namespace xnnx_bench {

// items_per_second: elements. bytes_per_second: bytes that the program reads and writes, `reads` times and `writes`
// times each element; what a store that misses the caches reads besides is not in it.
inline void set_counters(benchmark::State& state, size_t element_count, size_t reads, size_t writes)
{
  const int64_t elements = state.iterations() * static_cast<int64_t>(element_count);
  state.SetItemsProcessed(elements);
  state.SetBytesProcessed(elements * static_cast<int64_t>((reads + writes) * sizeof(float)));
  state.counters["elements"] = static_cast<double>(element_count);
}

}  // namespace xnnx_bench
