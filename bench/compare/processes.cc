#include "bench/compare/processes.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>
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

// What print_csv wrote, but for what only the whole has.
std::vector<Comparison> parse_csv(const std::string& csv)
{
  std::vector<Comparison> comparisons;
  std::stringstream lines(csv);
  std::string line;
  std::getline(lines, line);  // the titles
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::stringstream rest(line);
    for (std::string field; std::getline(rest, field, ',');) {
      fields.push_back(field);
    }
    const Shape shape = {std::stoul(fields.at(0)), std::stoul(fields.at(1))};
    const size_t threads = std::stoul(fields.at(2));
    if (fields.at(4) == "ours") {
      comparisons.push_back({shape, threads, fields.at(3), /*rounds=*/0, /*ours=*/"", {}});
    }
    const double ratio = std::stod(fields.at(9));
    comparisons.back().results.push_back(
        {fields.at(4), std::stod(fields.at(5)), std::stod(fields.at(6)), std::stod(fields.at(7)), ratio, ratio, ratio,
         std::stoul(fields.at(12))});
    comparisons.back().rounds = std::stoul(fields.at(13));
  }
  return comparisons;
}

template <typename Field>
std::vector<double> of_all(const std::vector<std::vector<Comparison>>& processes, size_t i, size_t k, Field field)
{
  std::vector<double> values;
  for (const std::vector<Comparison>& process : processes) {
    values.push_back(process.at(i).results.at(k).*field);
  }
  return values;
}

}  // namespace

std::vector<Comparison> compare_in_processes(int argc, char** argv, size_t process_count, double seconds_of_each)
{
  std::string command = "exec " + quoted("/proc/" + std::to_string(getpid()) + "/exe");
  for (int i = 1; i < argc; i++) {
    command += " " + quoted(argv[i]);
  }
  command += " --processes=1 --format=csv --seconds=" + std::to_string(seconds_of_each);
  std::vector<std::vector<Comparison>> processes;
  for (size_t process = 0; process < process_count; process++) {
    processes.push_back(parse_csv(output_of(command)));
  }
  std::vector<Comparison> whole = processes.front();
  for (size_t i = 0; i < whole.size(); i++) {
    for (const std::vector<Comparison>& process : processes) {
      whole[i].rounds += &process == &processes.front() ? 0 : process.at(i).rounds;
    }
    for (size_t k = 0; k < whole[i].results.size(); k++) {
      Result& result = whole[i].results[k];
      const std::vector<double> ratios = of_all(processes, i, k, &Result::ratio);
      const std::vector<double> minima = of_all(processes, i, k, &Result::min_nanoseconds);
      const std::vector<double> maxima = of_all(processes, i, k, &Result::max_nanoseconds);
      result.median_nanoseconds = median(of_all(processes, i, k, &Result::median_nanoseconds));
      result.min_nanoseconds = *std::min_element(minima.begin(), minima.end());
      result.max_nanoseconds = *std::max_element(maxima.begin(), maxima.end());
      result.ratio = median(ratios);
      result.min_ratio = *std::min_element(ratios.begin(), ratios.end());
      result.max_ratio = *std::max_element(ratios.begin(), ratios.end());
    }
  }
  return whole;
}

}  // namespace xnnx_bench
