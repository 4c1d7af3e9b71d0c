#include "test/accuracy/options.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include "test/accuracy/our-softmax.h"

namespace xnnx_accuracy {
namespace {

size_t parse_count(const std::string& option, const std::string& text, size_t limit)
{
  const bool digits_only = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  errno = 0;
  const unsigned long long value = digits_only ? std::strtoull(text.c_str(), nullptr, 10) : 0;
  if (value == 0 || value > limit || errno != 0) {
    throw std::invalid_argument(option + ": \"" + text + "\" is not a number from 1 to " + std::to_string(limit));
  }
  return value;
}

Shape parse_shape(const std::string& text)
{
  const size_t cross = text.find('x');
  if (cross == std::string::npos) {
    throw std::invalid_argument("--shape: \"" + text + "\" is not ROWSxCHANNELS, such as 64x128");
  }
  const size_t rows = parse_count("--shape", text.substr(0, cross), SIZE_MAX / 16);
  return {rows, parse_count("--shape", text.substr(cross + 1), SIZE_MAX / 16 / rows)};
}

Distribution parse_distribution(const std::string& text)
{
  try {
    return Distribution(text);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--distribution: ") + error.what());
  }
}

// The item of that name.
template <typename Items, typename NameOf>
auto choose(const std::string& option, const std::string& text, const Items& items, NameOf name_of)
{
  std::string known;
  for (const auto& item : items) {
    if (text == name_of(item)) {
      return item;
    }
    known += std::string(" ") + name_of(item);
  }
  throw std::invalid_argument(option + ": \"" + text + "\" is none of" + known);
}

std::string name_of_string(const std::string& name)
{
  return name;
}

const std::vector<std::string>& all_implementations()
{
  static const std::vector<std::string> implementations = {"ours", "xnnpack", "onednn"};
  return implementations;
}

template <typename Item>
void use_defaults_if_empty(std::vector<Item>* items, const std::vector<Item>& defaults)
{
  if (items->empty()) {
    *items = defaults;
  }
}

}  // namespace

std::string usage()
{
  return "Measures how far softmax implementations are from the exact results.\n"
         "\n"
         "  --shape=RxN            rows x channels           (64x15, 16x1000, 1x32768, 1x1048576)\n"
         "  --distribution=TEXT    the inputs, see below     (uniform:-10:10, normal:0:1)\n"
         "  --implementation=NAME  ours, xnnpack, onednn     (all)\n"
         "  --algorithm=NAME       of ours: auto, blocked, two_pass, three_pass_recompute,\n"
         "                         three_pass_reload                                  (all)\n"
         "  --isa=NAME             of ours: an instruction set that can run here       (all)\n"
         "  --threads=T            (1)\n"
         "  --format=NAME          table or csv                                        (table)\n"
         "\n"
         "The first five may be repeated. Columns: errors in ULP where the exact result is at least FLT_MIN, and the\n"
         "largest |sum of a row - 1|. Distributions:\n"
         "\n" +
         Distribution::help();
}

Options parse_options(int argc, char** argv)
{
  Options options = {{}, {}, {}, {}, {}, 1, false, false};
  for (int i = 1; i < argc; i++) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (argument == "--help") {
      options.help = true;
    } else if (name == "--shape") {
      options.shapes.push_back(parse_shape(value));
    } else if (name == "--distribution") {
      options.distributions.push_back(parse_distribution(value));
    } else if (name == "--implementation") {
      options.implementations.push_back(choose(name, value, all_implementations(), name_of_string));
    } else if (name == "--algorithm") {
      options.algorithms.push_back(choose(name, value, kAlgorithms, [](const Algorithm& a) { return a.name; }));
    } else if (name == "--isa") {
      options.isas.push_back(choose(name, value, usable_isas(), xnnx_isa_name));
    } else if (name == "--threads") {
      options.threads = parse_count(name, value, 1024);
    } else if (name == "--format") {
      options.csv = choose(name, value, std::vector<std::string>{"table", "csv"}, name_of_string) == "csv";
    } else {
      throw std::invalid_argument("\"" + argument + "\" is not an option; --help lists them");
    }
  }
  use_defaults_if_empty(&options.shapes, {{64, 15}, {16, 1000}, {1, 32768}, {1, 1048576}});
  use_defaults_if_empty(&options.distributions, {Distribution("uniform:-10:10"), Distribution("normal:0:1")});
  use_defaults_if_empty(&options.implementations, all_implementations());
  use_defaults_if_empty(&options.algorithms, {std::begin(kAlgorithms), std::end(kAlgorithms)});
  use_defaults_if_empty(&options.isas, usable_isas());
  return options;
}

}  // namespace xnnx_accuracy
