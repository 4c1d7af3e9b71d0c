// The operator on one row and one thread, each algorithm forced, on each instruction set.
// Names are algorithm/instruction set/elements/temperature.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <xnnpack-softmax.h>

#include "bench/algorithms.h"
#include "bench/counters.h"
#include "bench/rotation.h"
#include "bench/sizes.h"
#include "src/xnnx/isa.h"

namespace xnnx_bench {
namespace {

void measure(
    benchmark::State& state,
    const Algorithm& algorithm,
    const char* isa,
    size_t element_count,
    Temperature temperature)
{
  setenv("XNNX_MAX_ISA", isa, /*overwrite=*/1);
  xnnx_operator_t softmax = nullptr;
  if (xnnx_create_softmax_nc_f32(algorithm.flags, &softmax) != xnn_status_success ||
      xnnx_reshape_softmax_nc_f32(softmax, element_count, element_count, element_count, /*batch_size=*/1, nullptr) !=
          xnn_status_success) {
    state.SkipWithError(xnnx_last_error());
    xnnx_delete_operator(softmax);
    return;
  }
  Rotation rotation(element_count, temperature);
  for (auto _ : state) {
    rotation.advance();
    xnnx_setup_softmax_nc_f32(softmax, rotation.input(), rotation.output());
    xnnx_run_operator(softmax, nullptr);
    benchmark::ClobberMemory();
  }
  set_counters(state, element_count, algorithm.reads, algorithm.writes);
  xnnx_delete_operator(softmax);
}

void add_benchmarks(const Algorithm& algorithm, const char* isa)
{
  for (const size_t element_count : kSizes) {
    for (const Temperature temperature : {Temperature::kWarm, Temperature::kCold}) {
      if (temperature == Temperature::kWarm && !can_be_warm(element_count)) {
        continue;
      }
      const std::string name = std::string(algorithm.name) + "/" + isa + "/" + std::to_string(element_count) + "/" +
                               name_of(temperature);
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        measure(state, algorithm, isa, element_count, temperature);
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
  for (int isa = 0; isa < xnnx_isa_count; isa++) {
    const char* isa_name = xnnx_isa_name(static_cast<xnnx_isa>(isa));
    if ((usable_isas >> isa & 1) == 0) {
      std::fprintf(stderr, "skipped: this processor has no %s, or XNNX_MAX_ISA excludes it\n", isa_name);
      continue;
    }
    for (const Algorithm& algorithm : all_algorithms()) {
      add_benchmarks(algorithm, isa_name);
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
