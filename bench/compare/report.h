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
  double min_nanoseconds;  // of all timings
  double max_nanoseconds;
  double ratio;  // to ours
  // The lowest and the highest median of a process:
  double median_nanoseconds_low;
  double median_nanoseconds_high;
  double ratio_low;
  double ratio_high;
  size_t bytes_per_element;
};

struct Comparison {
  Shape shape;
  size_t threads;
  std::string values;
  size_t rounds;
  std::string ours;  // what the automatic choice ran
  std::vector<Result> results;
  // What disturbed it:
  double processors_of_others;  // used by other programs on average
  double interrupted;           // the part of the timings in which the system took a processor from this one

  // Whether it says nothing. The processor time of one thread does not count what others take, but they leave caches
  // and memory as they like; and of several threads all wait for the one that does not run.
  bool is_disturbed() const { return processors_of_others > 0.25 || interrupted > 0.05; }
};

// In the format that the options say: a header first, then each comparison.
void print_header(std::FILE* file, const Options& options);
void print(std::FILE* file, const Options& options, const Comparison& comparison);
// With CSV, on the standard error: who reads a table has been told.
void print_warning(const Options& options, const std::vector<Comparison>& comparisons);

// What print wrote in Format::kPart.
std::vector<Comparison> parse_part(const std::string& text);

}  // namespace xnnx_bench
