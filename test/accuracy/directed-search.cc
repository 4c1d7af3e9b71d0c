#include "test/accuracy/directed-search.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "test/accuracy/contract.h"
#include "test/accuracy/exact-softmax.h"
#include "test/accuracy/our-softmax.h"
#include "test/accuracy/softmax-errors.h"

namespace xnnx_accuracy {

std::vector<Place> all_places()
{
  const float ln2 = 0.693147181f;
  std::vector<Place> places;
  // Of the last one two tiles of every kernel, a tail, and most of the rest of a block.
  for (const size_t channels : {2, 17, 40, 300, 1100, 8193}) {
    const auto add = [&](const char* name, float center, float step, size_t steps) {
      places.push_back({std::string(name) + ", " + std::to_string(channels) + " channels", channels, center, step, steps});
    };
    add("ordinary values", 0.0f, 0.0f, 0);
    add("results just above FLT_MIN", 0.0f, 87.3f, 1);
    add("products below 2^-90", 0.0f, 90.0f * ln2, 1);
    add("exponentials that vanish, 104 below", 0.0f, 104.0f, 1);
    add("the reach of a sum, 3 ln 2", 0.0f, 3.0f * ln2, 4);
    add("sums raised by x4", 0.0f, 2.0f * ln2, 5);
    add("the largest stored exponential, 64 ln 2", 0.0f, 63.5f * ln2, 2);
    add("what looks like a mask, -1024", -1024.0f, 0.3f, 2);
    for (const float sign : {1.0f, -1.0f}) {
      add("the largest argument without a shift, 931.6", sign * 931.6f, 0.3f, 2);
      add("the middle between shifts, 1536", sign * 1536.0f, 0.5f, 2);
      add("a large offset, 1e6", sign * 1e6f, 1.0f, 2);
      add("a large offset, 1e8", sign * 1e8f, 8.0f, 2);
    }
  }
  return places;
}

DirectedSearch::DirectedSearch(enum xnnx_isa isa, const Algorithm& algorithm, uint32_t seed)
    : isa_(isa), algorithm_(algorithm), random_engine_(seed)
{
}

std::vector<float> DirectedSearch::start(const Place& place)
{
  std::vector<float> row(place.channels, -INFINITY);
  const size_t parts = place.steps + 1;
  const size_t part = std::max<size_t>(1, place.channels / parts);
  const float spread = std::max(1.0f, std::abs(place.center) * 0x1p-22f);
  for (size_t i = 0; i < parts && i * part < place.channels; i++) {
    // The first ones of a part, and one anywhere in it: other lanes, other vectors, tails.
    for (const size_t offset : {size_t{0}, size_t{1}, random_engine_() % part, random_engine_() % part}) {
      const size_t position = std::min(i * part + offset, place.channels - 1);
      const float near = std::uniform_real_distribution<float>(-spread, spread)(random_engine_);
      row[position] = place.center + static_cast<float>(i) * place.step + near;
    }
  }
  if (random_engine_() % 2 == 0) {
    std::reverse(row.begin(), row.end());
  }
  return row;
}

void DirectedSearch::mutate(std::vector<float>* row)
{
  std::vector<size_t> positions;
  for (size_t i = 0; i < row->size(); i++) {
    if ((*row)[i] != -INFINITY) {
      positions.push_back(i);
    }
  }
  for (int mutation = 1 + static_cast<int>(random_engine_() % 3); mutation > 0; mutation--) {
    float* element = &(*row)[positions[random_engine_() % positions.size()]];
    const float other = (*row)[positions[random_engine_() % positions.size()]];
    switch (random_engine_() % 6) {
      case 0:  // to an equal one: errors that add up
        *element = other;
        break;
      case 1: {  // elsewhere
        float* place = &(*row)[random_engine_() % row->size()];
        if (*place == -INFINITY) {
          std::swap(*place, *element);
          return;
        }
        break;
      }
      case 2:
        *element += std::uniform_real_distribution<float>(-1.0f, 1.0f)(random_engine_);
        break;
      default: {  // a few floats up or down
        const int most = 1 << random_engine_() % 12;
        const int count = 1 + static_cast<int>(random_engine_() % static_cast<unsigned>(most));
        const float direction = random_engine_() % 2 == 0 ? INFINITY : -INFINITY;
        for (int i = 0; i < count; i++) {
          *element = std::nextafter(*element, direction);
        }
      }
    }
  }
}

void DirectedSearch::evaluate(WorstRow* candidate) const
{
  const std::vector<float>& row = candidate->row;
  std::vector<float> output(row.size());
  run_our_softmax({1, row.size(), row.data(), output.data(), /*threads=*/1}, isa_, algorithm_);
  SoftmaxErrors errors;
  errors.add_row(ExactSoftmax(row.data(), row.size()), row.data(), output.data(), row.size());
  candidate->part_of_bound = std::max(
      {errors.max_ulp() / kMaxUlp, errors.max_ulp_just_above_normal() / kMaxUlpJustAboveNormal,
       errors.max_error_below_normal() / kMaxErrorBelowNormal, errors.sum_error() / kMaxSumError});
  const testing::AssertionResult result = keeps_contract(errors);
  if (!result) {
    candidate->part_of_bound = std::max(candidate->part_of_bound, 1.0 + DBL_EPSILON);  // NaN, or out of range
  }
  candidate->errors = result.message();
}

WorstRow DirectedSearch::climb(const Place& place, size_t evaluations)
{
  constexpr size_t most_in_vain = 300;
  WorstRow worst;
  WorstRow here;
  size_t in_vain = most_in_vain;
  for (size_t i = 0; i < evaluations; i++) {
    WorstRow candidate;
    const bool begins = in_vain == most_in_vain;
    candidate.row = begins ? start(place) : here.row;
    if (!begins) {
      mutate(&candidate.row);
    }
    evaluate(&candidate);
    if (begins || candidate.part_of_bound >= here.part_of_bound) {
      in_vain = begins || candidate.part_of_bound > here.part_of_bound ? 0 : in_vain + 1;
      here = candidate;
    } else {
      in_vain++;
    }
    if (here.part_of_bound > worst.part_of_bound) {
      worst = here;
    }
  }
  return worst;
}

std::string text_of(const std::vector<float>& row)
{
  std::ostringstream text;
  for (size_t i = 0; i < row.size(); i++) {
    if (row[i] != -INFINITY) {
      char element[64];
      snprintf(element, sizeof(element), "{%zu, %af}, ", i, static_cast<double>(row[i]));
      text << element;
    }
  }
  std::string result = text.str();
  result.resize(result.size() - 2);
  return result;
}

}  // namespace xnnx_accuracy
