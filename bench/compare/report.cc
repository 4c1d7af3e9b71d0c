#include "bench/compare/report.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

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

void print_csv(std::FILE* file, const Comparison& comparison)
{
  for (const Result& result : comparison.results) {
    std::fprintf(
        file, "%zu,%zu,%zu,%s,%s,%.1f,%.1f,%.1f,%.4f,%.4f,%.4f,%.4f,%zu,%zu,%.1f,%.1f,%.2f,%.3f,%d\n",
        comparison.shape.rows, comparison.shape.channels, comparison.threads, comparison.values.c_str(),
        result.implementation.c_str(), result.median_nanoseconds, result.min_nanoseconds, result.max_nanoseconds,
        element_count(comparison.shape) / result.median_nanoseconds, result.ratio, result.ratio_low, result.ratio_high,
        result.bytes_per_element, comparison.rounds, result.median_nanoseconds_low, result.median_nanoseconds_high,
        comparison.processors_of_others, comparison.interrupted, comparison.is_disturbed() ? 1 : 0);
  }
}

// A line of what is common to the results, and a line for each of them, with all digits. Text comes last: it may have
// spaces.
void print_part(std::FILE* file, const Comparison& comparison)
{
  std::fprintf(
      file, "%zu %zu %zu %s %zu %a %a %zu %s\n", comparison.shape.rows, comparison.shape.channels, comparison.threads,
      comparison.values.c_str(), comparison.rounds, comparison.processors_of_others, comparison.interrupted,
      comparison.results.size(), comparison.ours.c_str());
  for (const Result& result : comparison.results) {
    std::fprintf(
        file, "%a %a %a %a %zu %s\n", result.median_nanoseconds, result.min_nanoseconds, result.max_nanoseconds,
        result.ratio, result.bytes_per_element, result.implementation.c_str());
  }
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
      file, "%-34s %11s %11s %11s %9s %7s %7s %7s %7s\n", "implementation", "median", "lowest", "highest", "Gelem/s",
      "GB/s", "ratio", "lowest", "highest");
  for (const Result& result : comparison.results) {
    std::fprintf(file, "%-34s", result.implementation.c_str());
    print_duration(file, result.median_nanoseconds);
    print_duration(file, result.median_nanoseconds_low);
    print_duration(file, result.median_nanoseconds_high);
    std::fprintf(
        file, " %9.3f %7.1f %7.2f %7.2f %7.2f\n", elements / result.median_nanoseconds,
        static_cast<double>(result.bytes_per_element) * elements / result.median_nanoseconds, result.ratio,
        result.ratio_low, result.ratio_high);
  }
  if (comparison.is_disturbed()) {
    std::fprintf(
        file,
        "Do not believe it: other programs used %.1f processors meanwhile and interrupted %.0f %% of the timings.\n",
        comparison.processors_of_others, 100 * comparison.interrupted);
  }
}

// strtod, since streams do not read hexadecimal floats.
double read_double(std::istream& stream)
{
  std::string text;
  stream >> text;
  return std::strtod(text.c_str(), nullptr);
}

std::string read_rest(std::istream& stream)
{
  std::string text;
  stream.get();  // the space before it
  std::getline(stream, text);
  return text;
}

}  // namespace

void print_header(std::FILE* file, const Options& options)
{
  switch (options.format) {
    case Format::kTable:
      std::fprintf(
          file, "%s; pages %s, warm, threads not pinned\n", describe_processor().c_str(),
          options.pages == Pages::kHuge ? "huge" : "small");
      if (options.processes > 1) {
        std::fprintf(file, "Medians over %zu processes, and the lowest and the highest process\n", options.processes);
      }
      break;
    case Format::kCsv:
      std::fprintf(
          file,
          "rows,channels,threads,values,implementation,median_ns,min_ns,max_ns,gelem_per_s,ratio,ratio_min,ratio_max,"
          "bytes_per_element,rounds,median_ns_min,median_ns_max,processors_of_others,interrupted,disturbed\n");
      break;
    case Format::kPart:
      break;
  }
}

void print(std::FILE* file, const Options& options, const Comparison& comparison)
{
  switch (options.format) {
    case Format::kTable:
      print_table(file, comparison);
      break;
    case Format::kCsv:
      print_csv(file, comparison);
      break;
    case Format::kPart:
      print_part(file, comparison);
      break;
  }
  std::fflush(file);
}

void print_warning(const Options& options, const std::vector<Comparison>& comparisons)
{
  const auto disturbed = std::count_if(
      comparisons.begin(), comparisons.end(), [](const Comparison& comparison) { return comparison.is_disturbed(); });
  if (options.format == Format::kCsv && disturbed != 0) {
    std::fprintf(
        stderr, "compare: other programs disturbed %td of %zu comparisons; do not believe those (column disturbed)\n",
        disturbed, comparisons.size());
  }
}

std::vector<Comparison> parse_part(const std::string& text)
{
  std::vector<Comparison> comparisons;
  std::istringstream stream(text);
  Comparison comparison = {};
  size_t result_count;
  while (stream >> comparison.shape.rows >> comparison.shape.channels >> comparison.threads >> comparison.values >>
         comparison.rounds) {
    comparison.processors_of_others = read_double(stream);
    comparison.interrupted = read_double(stream);
    stream >> result_count;
    comparison.ours = read_rest(stream);
    comparison.results.clear();
    for (size_t k = 0; k < result_count; k++) {
      Result result = {};
      result.median_nanoseconds = result.median_nanoseconds_low = result.median_nanoseconds_high = read_double(stream);
      result.min_nanoseconds = read_double(stream);
      result.max_nanoseconds = read_double(stream);
      result.ratio = result.ratio_low = result.ratio_high = read_double(stream);
      stream >> result.bytes_per_element;
      result.implementation = read_rest(stream);
      comparison.results.push_back(result);
    }
    comparisons.push_back(comparison);
  }
  return comparisons;
}

}  // namespace xnnx_bench
