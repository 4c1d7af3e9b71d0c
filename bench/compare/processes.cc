#include "bench/compare/processes.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "bench/compare/measure.h"

namespace xnnx_bench {
namespace {

std::string quoted(const std::string& argument)
{
  std::string text = "'";
  for (const char c : argument) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

std::string output_of(const std::string& command)
{
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    throw std::runtime_error("no process can be started");
  }
  std::string output;
  char buffer[4096];
  for (size_t count; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) != 0;) {
    output.append(buffer, count);
  }
  if (pclose(pipe) != 0) {
    throw std::runtime_error("a process of the comparison failed; see above");
  }
  return output;
}

// A field of every one of the same results or comparisons, in ascending order.
template <typename Item, typename Field>
std::vector<double> sorted(const std::vector<const Item*>& items, Field field)
{
  std::vector<double> values;
  for (const Item* item : items) {
    values.push_back(item->*field);
  }
  std::sort(values.begin(), values.end());
  return values;
}

Result merge(const std::vector<const Result*>& parts)
{
  const std::vector<double> medians = sorted(parts, &Result::median_nanoseconds);
  const std::vector<double> ratios = sorted(parts, &Result::ratio);
  return {
      parts.front()->implementation,
      median(medians),
      sorted(parts, &Result::min_nanoseconds).front(),
      sorted(parts, &Result::max_nanoseconds).back(),
      median(ratios),
      medians.front(),
      medians.back(),
      ratios.front(),
      ratios.back(),
      parts.front()->bytes_per_element,
  };
}

Comparison merge(const std::vector<const Comparison*>& parts)
{
  Comparison whole = *parts.front();
  for (size_t k = 0; k < whole.results.size(); k++) {
    std::vector<const Result*> results;
    for (const Comparison* part : parts) {
      results.push_back(&part->results.at(k));
      if (results.back()->implementation != whole.results[k].implementation) {
        throw std::runtime_error(
            "one process measured " + results.back()->implementation + " where another measured " +
            whole.results[k].implementation);
      }
    }
    whole.results[k] = merge(results);
  }
  whole.rounds = 0;
  for (const Comparison* part : parts) {
    whole.rounds += part->rounds;
  }
  whole.processors_of_others = sorted(parts, &Comparison::processors_of_others).back();
  whole.interrupted = sorted(parts, &Comparison::interrupted).back();
  return whole;
}

}  // namespace

std::vector<Comparison> compare_in_processes(int argc, char** argv, size_t process_count, double seconds_of_each)
{
  std::string command = "exec " + quoted("/proc/" + std::to_string(getpid()) + "/exe");
  for (int i = 1; i < argc; i++) {
    command += " " + quoted(argv[i]);
  }
  command += " --processes=1 --format=part --seconds=" + std::to_string(seconds_of_each);
  std::vector<std::vector<Comparison>> processes;
  for (size_t process = 0; process < process_count; process++) {
    processes.push_back(parse_part(output_of(command)));
  }
  std::vector<Comparison> whole;
  for (size_t i = 0; i < processes.front().size(); i++) {
    std::vector<const Comparison*> parts;
    for (const std::vector<Comparison>& process : processes) {
      parts.push_back(&process.at(i));
    }
    whole.push_back(merge(parts));
  }
  return whole;
}

}  // namespace xnnx_bench
