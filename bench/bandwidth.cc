// What the memory of this machine gives one thread: the measure of every pass. Names are motion/elements/temperature.

#include <benchmark/benchmark.h>

#include <string>

#include "bench/counters.h"
#include "bench/memory-movers.h"
#include "bench/rotation.h"
#include "bench/sizes.h"

namespace xnnx_bench {
namespace {

template <typename Motion>
void add_benchmarks(const char* name, size_t writes, Motion motion)
{
  for (const size_t element_count : kSizes) {
    for (const Temperature temperature : {Temperature::kWarm, Temperature::kCold}) {
      if (temperature == Temperature::kWarm && !can_be_warm(element_count)) {
        continue;
      }
      const std::string full_name =
          std::string(name) + "/" + std::to_string(element_count) + "/" + name_of(temperature);
      benchmark::RegisterBenchmark(full_name.c_str(), [=](benchmark::State& state) {
        Rotation rotation(element_count, temperature);
        for (auto _ : state) {
          rotation.advance();
          motion(rotation.input(), rotation.output(), element_count);
          benchmark::ClobberMemory();
        }
        set_counters(state, element_count, /*reads=*/1, writes);
      });
    }
  }
}

}  // namespace
}  // namespace xnnx_bench

int main(int argc, char** argv)
{
  using xnnx_bench::add_benchmarks;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  const xnnx_bench::MemoryMovers movers = xnnx_bench::find_memory_movers();
  add_benchmarks("read", 0, [=](float* input, float*, size_t count) { movers.read(input, count); });
  add_benchmarks("copy", 1, [=](float* input, float* output, size_t count) { movers.copy(input, output, count); });
  add_benchmarks("copy_around_caches", 1, [=](float* input, float* output, size_t count) {
    movers.copy_around_caches(input, output, count);
  });
  add_benchmarks("scale_in_place", 1, [=](float* input, float*, size_t count) { movers.scale_in_place(input, count); });
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
