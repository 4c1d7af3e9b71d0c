#include "test/accuracy/report.h"

#include <cstdio>

namespace xnnx_accuracy {

void print_report_head(bool csv)
{
  std::printf(
      csv ? "%s,%s,%s,%s,%s,%s,%s,%s\n" : "%-8s %-21s %8s %10s %-18s %10s %9s %10s\n", "isa", "algorithm", "rows",
      "channels", "distribution", "max_ulp", "mean_ulp", "sum_error");
}

void print_report_line(
    bool csv,
    const std::string& isa,
    const std::string& algorithm,
    const Shape& shape,
    const std::string& distribution,
    const SoftmaxErrors& errors)
{
  std::printf(
      csv ? "%s,%s,%zu,%zu,%s,%.4g,%.4g,%.3g\n" : "%-8s %-21s %8zu %10zu %-18s %10.4g %9.4g %10.3g\n", isa.c_str(),
      algorithm.c_str(), shape.rows, shape.channels, distribution.c_str(), errors.max_ulp(), errors.mean_ulp(),
      errors.sum_error());
  std::fflush(stdout);
}

}  // namespace xnnx_accuracy
