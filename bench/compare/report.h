// What was measured, for eyes or for programs.

#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "bench/compare/options.h"

namespace xnnx_bench {

struct Result {
  std::string implementation;
  double median_nanoseconds;
  double min_nanoseconds;
  double max_nanoseconds;
  double ratio;  // to ours
  double min_ratio;  // of the processes
  double max_ratio;
  size_t bytes_per_element;
};

struct Comparison {
  Shape shape;
  size_t threads;
  std::string values;
  size_t rounds;
  std::string ours;  // what the automatic choice ran
  std::vector<Result> results;
};

void print_csv_header(std::FILE* file);
void print_csv(std::FILE* file, const Comparison& comparison);

void print_table_header(std::FILE* file, const Options& options);
void print_table(std::FILE* file, const Comparison& comparison);

}  // namespace xnnx_bench
