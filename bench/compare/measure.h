// Timing: every contestant in turn, round by round, so that whatever disturbs the machine disturbs all alike.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/compare/implementation.h"

namespace xnnx_bench {

struct Contestant {
  std::string name;
  std::unique_ptr<Implementation> implementation;
  size_t calls = 1;  // in one timing, so that it takes longer than the clock's error
  std::vector<double> nanoseconds;  // a call, one value a round
  // In timed regions:
  long page_faults = 0;
  size_t preempted_timings = 0;  // in which the system took a processor from a thread
};

// Sends the pool's threads to sleep at once; they would wait for more work in a loop.
void let_threads_sleep(pthreadpool_t threadpool);

// Runs rounds for so many seconds, and at least five. Before each timing its contestant runs untimed, so that it finds
// caches, branch predictors and threads as its own work leaves them: all timings are warm.
//
// Without a threadpool the clock is the process's own processor time, all threads together: on an idle machine the same
// as any clock, on a busy one without the time in which others run. With a threadpool it is the clock on the wall.
void run_rounds(
    std::vector<Contestant>& contestants,
    pthreadpool_t threadpool,
    double seconds,
    const std::function<void(double progress)>& show_progress);

double median(std::vector<double> values);

}  // namespace xnnx_bench
