#include "bench/compare/measure.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>

namespace xnnx_bench {
namespace {

constexpr double kShortestTimingNanoseconds = 100e3;
constexpr size_t kFewestRounds = 5;

double read_clock(clockid_t clock)
{
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

rusage read_usage()
{
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double time_calls(Implementation& implementation, size_t calls, clockid_t clock)
{
  const double start = read_clock(clock);
  for (size_t call = 0; call < calls; call++) {
    implementation.run();
  }
  return read_clock(clock) - start;
}

// The number of calls that together take as long as a timing should.
size_t find_calls(Implementation& implementation, clockid_t clock)
{
  size_t calls = 1;
  for (;;) {
    implementation.run();
    const double nanoseconds = time_calls(implementation, calls, clock);
    if (nanoseconds >= kShortestTimingNanoseconds) {
      return calls;
    }
    calls = nanoseconds < kShortestTimingNanoseconds / 8 ? 4 * calls : 2 * calls;
  }
}

void time_once(Contestant& contestant, clockid_t clock)
{
  Implementation& implementation = *contestant.implementation;
  time_calls(implementation, (contestant.calls + 3) / 4, clock);
  const rusage before = read_usage();
  const double nanoseconds = time_calls(implementation, contestant.calls, clock);
  const rusage after = read_usage();
  contestant.page_faults += after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt;
  contestant.preempted_timings += after.ru_nivcsw != before.ru_nivcsw ? 1 : 0;
  contestant.nanoseconds.push_back(nanoseconds / static_cast<double>(contestant.calls));
}

}  // namespace

void let_threads_sleep(pthreadpool_t threadpool)
{
  if (threadpool != nullptr) {
    pthreadpool_parallelize_1d(
        threadpool, [](void*, size_t) {}, nullptr, pthreadpool_get_threads_count(threadpool),
        PTHREADPOOL_FLAG_YIELD_WORKERS);
  }
}

void run_rounds(
    std::vector<Contestant>& contestants,
    pthreadpool_t threadpool,
    double seconds,
    const std::function<void(double progress)>& show_progress)
{
  const auto rest = [threadpool](Contestant& contestant) {
    contestant.implementation->rest();
    let_threads_sleep(threadpool);
  };
  const clockid_t clock = threadpool == nullptr ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
  for (Contestant& contestant : contestants) {
    contestant.calls = find_calls(*contestant.implementation, clock);
    rest(contestant);
  }
  const double start = read_clock(CLOCK_MONOTONIC);
  const auto elapsed_seconds = [start] { return (read_clock(CLOCK_MONOTONIC) - start) / 1e9; };
  for (size_t round = 0; round < kFewestRounds || elapsed_seconds() < seconds; round++) {
    for (Contestant& contestant : contestants) {
      time_once(contestant, clock);
      rest(contestant);
    }
    const double done_rounds = static_cast<double>(round + 1) / static_cast<double>(kFewestRounds);
    show_progress(std::min(elapsed_seconds() / seconds, done_rounds));
  }
}

double median(std::vector<double> values)
{
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace xnnx_bench
