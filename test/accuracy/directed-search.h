// Looks for rows with the largest errors: not at random, but beside each constant at which the computation changes its way,
// and uphill from there.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "src/xnnx/isa.h"
#include "test/accuracy/algorithm.h"

namespace xnnx_accuracy {

// Where a search begins: rows of `channels` elements around `center`, most of them masked. `steps` elements exceed those
// before them by `step` each, one in each part of the row.
struct Place {
  std::string name;
  size_t channels;
  float center;
  float step;
  size_t steps;
};

// Beside the constants of src/xnnx/exp.h, and at the lengths at which tails, groups and
// blocks begin.
std::vector<Place> all_places();

struct WorstRow {
  std::vector<float> row;
  // Of what the contract allows; above 1 it is broken.
  double part_of_bound = 0.0;
  std::string errors;
};

class DirectedSearch {
 public:
  DirectedSearch(enum xnnx_isa isa, const Algorithm& algorithm, uint32_t seed);

  // The worst row of a climb of `evaluations` rows.
  WorstRow climb(const Place& place, size_t evaluations);

  // Runs candidate->row, and fills in the rest.
  void evaluate(WorstRow* candidate) const;

 private:
  std::vector<float> start(const Place& place);
  void mutate(std::vector<float>* row);

  enum xnnx_isa isa_;
  Algorithm algorithm_;
  std::mt19937 random_engine_;
};

// The elements that are not -infinity, as a C++ initializer of (position, value).
std::string text_of(const std::vector<float>& row);

}  // namespace xnnx_accuracy
