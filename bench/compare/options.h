// The command line of //bench:compare.

#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/algorithms.h"
#include "bench/buffer.h"
#include "bench/compare/values.h"

namespace xnnx_bench {

struct Shape {
  size_t rows;
  size_t channels;
};

enum class Format {
  kTable,
  kCsv,
  kPart,  // what one of several processes tells the one that started it
};

struct Options {
  std::vector<Shape> shapes;
  std::vector<size_t> threads;
  std::vector<Algorithm> algorithms;
  std::vector<std::string> isas;  // "": the best
  std::vector<std::string> peers;
  double seconds;
  size_t processes;
  Format format;
  Pages pages;
  std::vector<Values> values;
  std::vector<bool> ordinary_stores;  // ours without and with XNNX_FLAG_KEEP_OUTPUT_IN_CACHE
  bool help;
  bool machine;
};

class BadOption : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Whether a peer of Options is a shared library's path.
bool is_peer_library(const std::string& peer);

// For --help.
std::string usage();

// Throws BadOption.
Options parse_options(int argc, char** argv);

}  // namespace xnnx_bench
