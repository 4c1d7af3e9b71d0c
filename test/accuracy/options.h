// The command line of //test/accuracy:accuracy.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/xnnx/isa.h"
#include "test/accuracy/algorithm.h"
#include "test/accuracy/distribution.h"

namespace xnnx_accuracy {

struct Shape {
  size_t rows;
  size_t channels;
};

struct Options {
  std::vector<Shape> shapes;
  std::vector<Distribution> distributions;
  std::vector<Algorithm> algorithms;
  std::vector<enum xnnx_isa> isas;
  std::vector<std::string> implementations;
  size_t threads;
  bool csv;
  bool help;
};

std::string usage();

// Throws std::invalid_argument, whose sentence names what is wrong.
Options parse_options(int argc, char** argv);

}  // namespace xnnx_accuracy
