// Searches for the rows with the largest errors (directed-search.h), and prints the worst of each algorithm and instruction
// set as text that worst-rows-test.cc takes.

#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "test/accuracy/directed-search.h"
#include "test/accuracy/our-softmax.h"

namespace {

constexpr char kUsage[] =
    "usage: worst-rows [--evaluations=N] [--seed=N] [--all]\n"
    "\n"
    "Climbs from rows beside each constant at which the computation changes its way towards larger errors, with every\n"
    "algorithm and instruction set of this processor, and prints the worst row of each, with --all of each place.\n"
    "\n"
    "  --evaluations=N  rows computed from each place; 20000 if not given, which takes some minutes\n"
    "  --seed=N         another search; 1 if not given\n"
    "  --all            the worst row of each place\n";

unsigned long parse_number(const char* name, const char* text)
{
  char* end;
  const unsigned long number = strtoul(text, &end, 10);
  if (*text == '\0' || *text == '-' || *end != '\0') {
    fprintf(stderr, "worst-rows: --%s=%s is no number\n", name, text);
    exit(EXIT_FAILURE);
  }
  return number;
}

void print(const char* isa, const char* algorithm, const std::string& place, const xnnx_accuracy::WorstRow& worst)
{
  printf(
      "%s %s, %s: %.3f of the bound: %s\n  %zu elements: {%s}\n", isa, algorithm, place.c_str(), worst.part_of_bound,
      worst.errors.c_str(), worst.row.size(), xnnx_accuracy::text_of(worst.row).c_str());
  fflush(stdout);
}

}  // namespace

int main(int argument_count, char** arguments)
{
  using xnnx_accuracy::WorstRow;
  size_t evaluations = 20000;
  uint32_t seed = 1;
  bool all = false;
  const option options[] = {
      {"evaluations", required_argument, nullptr, 'e'}, {"seed", required_argument, nullptr, 's'},
      {"all", no_argument, nullptr, 'a'},               {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  for (int option; (option = getopt_long(argument_count, arguments, "", options, nullptr)) != -1;) {
    switch (option) {
      case 'e':
        evaluations = parse_number("evaluations", optarg);
        break;
      case 's':
        seed = static_cast<uint32_t>(parse_number("seed", optarg));
        break;
      case 'a':
        all = true;
        break;
      case 'h':
        fputs(kUsage, stdout);
        return EXIT_SUCCESS;
      default:
        fputs(kUsage, stderr);
        return EXIT_FAILURE;
    }
  }
  bool broken = false;
  for (const enum xnnx_isa isa : xnnx_accuracy::usable_isas()) {
    for (const xnnx_accuracy::Algorithm& algorithm : xnnx_accuracy::kAlgorithms) {
      WorstRow worst;
      std::string worst_place;
      for (const xnnx_accuracy::Place& place : xnnx_accuracy::all_places()) {
        xnnx_accuracy::DirectedSearch search(isa, algorithm, seed);
        const WorstRow found = search.climb(place, evaluations);
        if (all) {
          print(xnnx_isa_name(isa), algorithm.name, place.name, found);
        }
        if (found.part_of_bound > worst.part_of_bound) {
          worst = found;
          worst_place = place.name;
        }
      }
      print(xnnx_isa_name(isa), algorithm.name, "worst is " + worst_place, worst);
      broken |= worst.part_of_bound > 1.0;
    }
  }
  return broken ? EXIT_FAILURE : EXIT_SUCCESS;
}
