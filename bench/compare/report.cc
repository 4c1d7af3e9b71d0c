#include "bench/compare/report.h"

#include "bench/caches.h"

namespace xnnx_bench {
namespace {

double element_count(const Shape& shape)
{
  return static_cast<double>(shape.rows) * static_cast<double>(shape.channels);
}

struct Duration {
  double value;
  const char* unit;
};

Duration readable(double nanoseconds)
{
  if (nanoseconds < 1e3) {
    return {nanoseconds, "ns"};
  }
  return nanoseconds < 1e6 ? Duration{nanoseconds / 1e3, "us"} : Duration{nanoseconds / 1e6, "ms"};
}

void print_duration(std::FILE* file, double nanoseconds)
{
  const Duration duration = readable(nanoseconds);
  std::fprintf(file, " %8.2f %s", duration.value, duration.unit);
}

}  // namespace

void print_csv_header(std::FILE* file)
{
  std::fprintf(file, "rows,channels,threads,values,implementation,median_ns,min_ns,max_ns,gelem_per_s,ratio,ratio_min,ratio_max,"
      "bytes_per_element,rounds\n");
}

void print_csv(std::FILE* file, const Comparison& comparison)
{
  for (const Result& result : comparison.results) {
    std::fprintf(
        file, "%zu,%zu,%zu,%s,%s,%.1f,%.1f,%.1f,%.4f,%.4f,%.4f,%.4f,%zu,%zu\n", comparison.shape.rows, comparison.shape.channels,
        comparison.threads, comparison.values.c_str(), result.implementation.c_str(), result.median_nanoseconds, result.min_nanoseconds,
        result.max_nanoseconds, element_count(comparison.shape) / result.median_nanoseconds, result.ratio,
        result.min_ratio, result.max_ratio, result.bytes_per_element, comparison.rounds);
  }
  std::fflush(file);
}

void print_table_header(std::FILE* file, const Options& options)
{
  std::fprintf(
      file, "%s; pages %s, warm, threads not pinned\n", describe_processor().c_str(),
      options.pages == Pages::kHuge ? "huge" : "small");
}

void print_table(std::FILE* file, const Comparison& comparison)
{
  const double elements = element_count(comparison.shape);
  const double kib = elements * sizeof(float) / 1024;
  std::fprintf(
      file, "\n%zu x %zu, %s values, %zu %s: at least %.*f KiB read and as much written; %zu rounds\n%s\n",
      comparison.shape.rows, comparison.shape.channels, comparison.values.c_str(), comparison.threads,
      comparison.threads == 1 ? "thread" : "threads", kib < 10 ? 1 : 0, kib, comparison.rounds,
      comparison.ours.c_str());
  std::fprintf(
      file, "%-34s %11s %11s %11s %9s %7s %7s  %s\n", "implementation", "median", "min", "max", "Gelem/s", "GB/s", "ratio",
      "of the processes");
  for (const Result& result : comparison.results) {
    std::fprintf(file, "%-34s", result.implementation.c_str());
    print_duration(file, result.median_nanoseconds);
    print_duration(file, result.min_nanoseconds);
    print_duration(file, result.max_nanoseconds);
    std::fprintf(
        file, " %9.3f %7.1f %7.2f  %.2f to %.2f\n", elements / result.median_nanoseconds,
        static_cast<double>(result.bytes_per_element) * elements / result.median_nanoseconds, result.ratio,
        result.min_ratio, result.max_ratio);
  }
  std::fflush(file);
}

}  // namespace xnnx_bench
