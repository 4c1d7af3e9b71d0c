// The same comparison in several processes: where memory lies differs between them, and with it how long some calls
// take.

#pragma once

#include <vector>

#include "bench/compare/report.h"

namespace xnnx_bench {

// Runs this program once more for each process, with its own arguments but so many seconds, and brings together what
// they measured: medians of medians, and the lowest and the highest. Throws std::runtime_error where one fails.
std::vector<Comparison> compare_in_processes(int argc, char** argv, size_t process_count, double seconds_of_each);

}  // namespace xnnx_bench
