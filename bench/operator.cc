// The operator as programs use it: batches, threads, the automatic choice of algorithm, in place or not.
// Names are rows x channels/threads/place/temperature.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>

#include <xnnpack-softmax.h>

#include "bench/caches.h"
#include "bench/rotation.h"
#include "test/threadpool.h"

namespace xnnx_bench {
namespace {

struct Shape {
  size_t rows;
  size_t channels;
};

// Attention heads, classifiers, vocabularies and rows beyond every cache.
constexpr Shape kShapes[] = {
    {1, 8},     {1, 1000},   {512, 32},    {64, 128},      {16, 1024},      {1, 8192},
    {1, 50257}, {1, 131072}, {1, 1048576}, {1, 4194304}, {8192, 4096}, {1, size_t{1} << 26},
};

enum class Place { kOutOfPlace, kInPlace };

void measure(benchmark::State& state, const Shape& shape, size_t threads, Place place, Temperature temperature)
{
  const Threadpool threadpool = make_threadpool(threads);
  xnnx_operator_t softmax = nullptr;
  if (xnnx_create_softmax_nc_f32(/*flags=*/0, &softmax) != xnn_status_success ||
      xnnx_reshape_softmax_nc_f32(
          softmax, shape.channels, shape.channels, shape.channels, shape.rows, threadpool.get()) !=
          xnn_status_success) {
    state.SkipWithError(xnnx_last_error());
    xnnx_delete_operator(softmax);
    return;
  }
  // In place, the input of the next call is a softmax: numbers in [0, 1], of which none is denormal, as exp(0) = 1.
  Rotation rotation(shape.rows * shape.channels, temperature);
  for (auto _ : state) {
    rotation.advance();
    float* output = rotation.output();
    xnnx_setup_softmax_nc_f32(softmax, place == Place::kInPlace ? output : rotation.input(), output);
    xnnx_run_operator(softmax, threadpool.get());
    benchmark::ClobberMemory();
  }
  const int64_t elements = state.iterations() * static_cast<int64_t>(shape.rows * shape.channels);
  state.SetItemsProcessed(elements);
  // What a softmax cannot do without: the input read and the output written once.
  state.SetBytesProcessed(elements * static_cast<int64_t>(2 * sizeof(float)));
  state.SetLabel(xnnx_describe_operator(softmax));
  xnnx_delete_operator(softmax);
}

void add_benchmarks(const Shape& shape, size_t threads, Place place)
{
  for (const Temperature temperature : {Temperature::kWarm, Temperature::kCold}) {
    if (temperature == Temperature::kWarm && !can_be_warm(shape.rows * shape.channels)) {
      continue;
    }
    const std::string name = std::to_string(shape.rows) + "x" + std::to_string(shape.channels) +
                             "/threads:" + std::to_string(threads) +
                             (place == Place::kInPlace ? "/in_place/" : "/out_of_place/") + name_of(temperature);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      measure(state, shape, threads, place, temperature);
    })->UseRealTime();
  }
}

}  // namespace
}  // namespace xnnx_bench

int main(int argc, char** argv)
{
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  for (const xnnx_bench::Shape& shape : xnnx_bench::kShapes) {
    for (size_t threads = 1; threads <= xnnx_bench::count_usable_processors(); threads *= 2) {
      for (const auto place : {xnnx_bench::Place::kOutOfPlace, xnnx_bench::Place::kInPlace}) {
        xnnx_bench::add_benchmarks(shape, threads, place);
      }
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
