// Every kernel of one family, from the family's generated table XNNX_FAMILY_TABLE: alone, on one thread.
// Names are kernel/elements/temperature.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include <xnnpack-softmax.h>

#include "bench/counters.h"
#include "bench/kernel-call.h"
#include "bench/rotation.h"
#include "bench/sizes.h"
#include "src/xnnx/isa.h"
#include "src/xnnx/kernels.h"

namespace xnnx_bench {
namespace {

template <typename Call, typename Kernel>
void measure(benchmark::State& state, Kernel kernel, size_t tile, size_t element_count, Temperature temperature)
{
  Rotation rotation(element_count, temperature);
  for (auto _ : state) {
    rotation.advance();
    Call::run(kernel, tile, element_count, rotation.input(), rotation.output());
    benchmark::ClobberMemory();
  }
  set_counters(state, element_count, /*reads=*/1, /*writes=*/Call::writes ? 1 : 0);
}

template <typename Call, typename Kernel>
void add_benchmarks(const char* name, Kernel kernel, size_t tile)
{
  for (const size_t element_count : kSizes) {
    for (const Temperature temperature : {Temperature::kWarm, Temperature::kCold}) {
      if (temperature == Temperature::kWarm && !can_be_warm(element_count)) {
        continue;
      }
      const std::string full_name =
          std::string(name) + "/" + std::to_string(element_count) + "/" + name_of(temperature);
      benchmark::RegisterBenchmark(full_name.c_str(), [=](benchmark::State& state) {
        measure<Call>(state, kernel, tile, element_count, temperature);
      });
    }
  }
}

bool add_all_benchmarks()
{
  uint32_t usable_isas = 0;
  if (xnnx_find_usable_isas("benchmark", &usable_isas) != xnn_status_success) {
    std::fprintf(stderr, "%s\n", xnnx_last_error());
    return false;
  }
  size_t skipped[xnnx_isa_count] = {};
#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default) \
  if ((usable_isas >> xnnx_isa_##isa & 1) != 0) {                           \
    add_benchmarks<call_##family>(#function, function, tile);               \
  } else {                                                                  \
    skipped[xnnx_isa_##isa]++;                                              \
  }
#include XNNX_FAMILY_TABLE
#undef XNNX_UKERNEL
  for (int isa = 0; isa < xnnx_isa_count; isa++) {
    if (skipped[isa] != 0) {
      std::fprintf(
          stderr, "skipped %zu kernels: this processor has no %s, or XNNX_MAX_ISA excludes it\n", skipped[isa],
          xnnx_isa_name(static_cast<xnnx_isa>(isa)));
    }
  }
  return true;
}

}  // namespace
}  // namespace xnnx_bench

int main(int argc, char** argv)
{
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv) || !xnnx_bench::add_all_benchmarks()) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
