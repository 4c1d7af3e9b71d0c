// What the rows hold that are compared: ordinary values, or masks and offsets as attention and padding have them.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace xnnx_bench {

struct Values {
  std::string name;
  std::string meaning;
  // Changes a row of ordinary values.
  void (*change)(float* row, size_t row_number, size_t channels);

  bool is_ordinary() const { return name == "ordinary"; }
};

// Ordinary ones first.
const std::vector<Values>& all_values();

// `rows` dense rows: ordinary values, changed.
void fill_with_values(const Values& values, float* rows, size_t row_count, size_t channels);

}  // namespace xnnx_bench
