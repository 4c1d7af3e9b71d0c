#include "bench/other-programs.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace xnnx_bench {
namespace {

// Ten of the system's ticks: one is lost or gained at either end.
constexpr double kShortestSeconds = 0.1;

double read_clock(clockid_t clock)
{
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

ProcessorUse read_processor_use(const std::string& stat_file)
{
  ProcessorUse use = {read_clock(CLOCK_MONOTONIC), 0.0, read_clock(CLOCK_PROCESS_CPUTIME_ID)};
  // "cpu", and ticks: user, nice, system, idle, waiting for input or output, interrupts, the same later, stolen.
  std::ifstream file(stat_file);
  std::string name;
  file >> name;
  double ticks;
  for (int column = 0; column < 8 && file >> ticks; column++) {
    const bool is_idle = column == 3 || column == 4;
    use.all += is_idle ? 0.0 : ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  return use;
}

double processors_of_others(const ProcessorUse& before, const ProcessorUse& after)
{
  const double others = (after.all - before.all) - (after.own - before.own);
  return std::max(others, 0.0) / (after.wall - before.wall);
}

double OtherPrograms::processors() const
{
  const double missing = start_.wall + kShortestSeconds - read_clock(CLOCK_MONOTONIC);
  if (missing > 0.0) {
    usleep(static_cast<useconds_t>(1e6 * missing));
  }
  return processors_of_others(start_, read_processor_use());
}

}  // namespace xnnx_bench
