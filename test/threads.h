// Threads that start at the same moment, and meet again.

#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

// Where a fixed number of threads wait for each other, as often as wanted.
class MeetingPoint {
 public:
  explicit MeetingPoint(size_t thread_count) : thread_count_(thread_count) {}

  void wait() {
    const size_t meeting = arrivals_++ / thread_count_;
    while (arrivals_ < (meeting + 1) * thread_count_) {
      std::this_thread::yield();
    }
  }

 private:
  const size_t thread_count_;
  std::atomic<size_t> arrivals_{0};
};

// Calls task(0), ..., task(thread_count - 1), each in a thread of its own, and returns when all have.
template <typename Task>
void in_threads(size_t thread_count, const Task& task) {
  MeetingPoint start(thread_count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < thread_count; i++) {
    threads.emplace_back([&, i] {
      start.wait();
      task(i);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}
