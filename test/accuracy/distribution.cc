#include "test/accuracy/distribution.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace xnnx_accuracy {
namespace {

// SplitMix64 (Steele, Lea and Flood, 2014): unlike <random>'s distributions, the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t bits()
  {
    state_ += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
  }

  // In [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  size_t position(size_t count) { return static_cast<size_t>(bits() % count); }

  // Mean 0 and standard deviation 1, after Box and Muller.
  double normal()
  {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * 3.14159265358979323846 * uniform());
  }

 private:
  uint64_t state_;
};

// The nearest finite float.
float to_float(double value)
{
  return static_cast<float>(std::clamp(value, -static_cast<double>(FLT_MAX), static_cast<double>(FLT_MAX)));
}

float float_from_bits(uint32_t bits)
{
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

using Parameters = std::vector<double>;

void fill_uniform(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = to_float(random.uniform(parameters[0], parameters[1]));
  }
}

void fill_normal(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = to_float(parameters[0] + parameters[1] * random.normal());
  }
}

void fill_lognormal(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    const double magnitude = std::exp(parameters[0] + parameters[1] * random.normal());
    elements[i] = to_float(random.bits() % 2 == 0 ? magnitude : -magnitude);
  }
}

void fill_offset(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = to_float(parameters[0] + random.uniform(-10.0, 10.0));
  }
}

void fill_constant(const Parameters& parameters, Random&, size_t count, float* elements)
{
  std::fill_n(elements, count, to_float(parameters[0]));
}

void fill_near(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = to_float(parameters[0]);
    for (uint64_t steps = random.bits() % 17; steps != 0; steps--) {
      elements[i] = std::nextafter(elements[i], 0.0f);
    }
  }
}

void fill_two_levels(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = to_float(parameters[random.bits() % 2]);
  }
}

void fill_sorted(const Parameters& parameters, Random&, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    const double fraction = count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1);
    elements[i] = to_float(parameters[0] + (parameters[1] - parameters[0]) * fraction);
  }
}

void fill_one_hot(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  std::fill_n(elements, count, 0.0f);
  elements[random.position(count)] = to_float(parameters[0]);
}

void fill_geometric(const Parameters& parameters, Random&, size_t count, float* elements)
{
  double element = parameters[0];
  for (size_t i = 0; i < count; i++) {
    elements[i] = to_float(element);
    element *= parameters[1];
  }
}

void fill_mask(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  const float mask = std::isinf(parameters[0]) ? -INFINITY : to_float(parameters[0]);
  const size_t kept = random.position(count);
  for (size_t i = 0; i < count; i++) {
    const float value = to_float(random.uniform(-10.0, 10.0));
    elements[i] = random.uniform() < parameters[1] && i != kept ? mask : value;
  }
}

void fill_comb(const Parameters& parameters, Random& random, size_t count, float* elements)
{
  const size_t spacing = static_cast<size_t>(std::clamp(parameters[0], 1.0, 1e9));
  for (size_t i = 0; i < count; i++) {
    elements[i] = i % spacing == 0 ? to_float(10.0 * random.normal()) : -INFINITY;
  }
}

void fill_denormal(const Parameters&, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = float_from_bits(static_cast<uint32_t>(random.bits()) & 0x807FFFFFu);
  }
}

void fill_any_finite(const Parameters&, Random& random, size_t count, float* elements)
{
  for (size_t i = 0; i < count; i++) {
    do {
      elements[i] = float_from_bits(static_cast<uint32_t>(random.bits()));
    } while (!std::isfinite(elements[i]));
  }
}

struct Kind {
  const char* syntax;  // the name and its parameters
  const char* meaning;
  Parameters defaults;  // NaN: must be given
  void (*fill)(const Parameters& parameters, Random& random, size_t count, float* elements);
};

const std::vector<Kind>& all_kinds()
{
  static const std::vector<Kind> kinds = {
      {"uniform:LOW:HIGH", "equally probable in between", {NAN, NAN}, fill_uniform},
      {"normal:MEAN:DEVIATION", "the normal distribution", {NAN, NAN}, fill_normal},
      {"lognormal:MEAN:DEVIATION", "+ or - exp(normal)", {NAN, NAN}, fill_lognormal},
      {"offset:VALUE", "VALUE + uniform:-10:10", {NAN}, fill_offset},
      {"constant:VALUE", "all the same", {NAN}, fill_constant},
      {"near:VALUE", "VALUE or one of the next 16 floats towards zero", {NAN}, fill_near},
      {"two-levels:A:B", "A or B, equally probable", {NAN, NAN}, fill_two_levels},
      {"sorted[:FIRST:LAST]", "in equal steps, by default from -10 to 10", {-10.0, 10.0}, fill_sorted},
      {"onehot[:VALUE]", "zeros but for one VALUE, by default 1", {1.0}, fill_one_hot},
      {"geometric[:FIRST:RATIO]", "FIRST * RATIO^i, by default 100 and -0.9", {100.0, -0.9}, fill_geometric},
      {"mask:VALUE[:FRACTION]", "uniform:-10:10, a FRACTION of it, by default 0.3, VALUE", {NAN, 0.3}, fill_mask},
      {"comb:SPACING", "normal:0:10 with -inf between, so that few lanes of vectors sum all", {NAN}, fill_comb},
      {"denormal", "below FLT_MIN in magnitude", {}, fill_denormal},
      {"any-finite", "every finite bit pattern equally probable", {}, fill_any_finite},
  };
  return kinds;
}

std::string name_of(const Kind& kind)
{
  return std::string(kind.syntax).substr(0, std::strcspn(kind.syntax, ":["));
}

double parse_parameter(const std::string& text, const std::string& parameter, bool may_be_minus_infinity)
{
  char* end = nullptr;
  const double value = std::strtod(parameter.c_str(), &end);
  const bool is_number = !parameter.empty() && *end == '\0' && !std::isnan(value);
  const bool fits_float = std::isfinite(static_cast<float>(value)) || (may_be_minus_infinity && value == -INFINITY);
  if (!is_number || !fits_float) {
    throw std::invalid_argument("\"" + parameter + "\" in \"" + text + "\" is not a number that a float can hold");
  }
  return value;
}

}  // namespace

Distribution::Distribution(const std::string& text) : text_(text)
{
  std::vector<std::string> parts;
  std::stringstream stream(text + ":");
  for (std::string part; std::getline(stream, part, ':');) {
    parts.push_back(part);
  }
  const std::vector<Kind>& kinds = all_kinds();
  const auto kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& candidate) { return name_of(candidate) == parts[0]; });
  if (kind == kinds.end()) {
    std::string names;
    for (const Kind& candidate : kinds) {
      names += " " + name_of(candidate);
    }
    throw std::invalid_argument("\"" + text + "\" is none of" + names);
  }
  kind_ = static_cast<size_t>(kind - kinds.begin());
  parameters_ = kind->defaults;
  if (parts.size() - 1 > parameters_.size()) {
    throw std::invalid_argument("\"" + text + "\" has more parameters than " + kind->syntax);
  }
  for (size_t i = 1; i < parts.size(); i++) {
    parameters_[i - 1] = parse_parameter(text, parts[i], kind->fill == fill_mask && i == 1);
  }
  if (std::any_of(parameters_.begin(), parameters_.end(), [](double parameter) { return std::isnan(parameter); })) {
    throw std::invalid_argument("\"" + text + "\" has fewer parameters than " + kind->syntax);
  }
}

void Distribution::fill_row(uint64_t row, size_t count, float* elements) const
{
  // Rows of different kinds share their random numbers, which is of no consequence.
  Random random(Random(row).bits() ^ count);
  all_kinds()[kind_].fill(parameters_, random, count, elements);
}

std::vector<std::string> Distribution::kinds_not_among(const std::vector<std::string>& texts)
{
  std::vector<std::string> missing;
  for (const Kind& kind : all_kinds()) {
    const auto is_of_kind = [&](const std::string& text) { return text.substr(0, text.find(':')) == name_of(kind); };
    if (std::none_of(texts.begin(), texts.end(), is_of_kind)) {
      missing.push_back(name_of(kind));
    }
  }
  return missing;
}

std::string Distribution::help()
{
  std::string lines;
  for (const Kind& kind : all_kinds()) {
    std::string syntax = kind.syntax;
    syntax.resize(std::max<size_t>(syntax.size(), 26), ' ');
    lines += "  " + syntax + kind.meaning + "\n";
  }
  return lines;
}

}  // namespace xnnx_accuracy
