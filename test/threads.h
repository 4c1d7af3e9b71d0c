// Threads that start at the same moment.

#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

// Calls task(0), ..., task(thread_count - 1), each in a thread of its own, and returns when all have.
template <typename Task>
void in_threads(size_t thread_count, const Task& task) {
  std::atomic<size_t> waiting{thread_count};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < thread_count; i++) {
    threads.emplace_back([&, i] {
      waiting--;
      while (waiting != 0) {
        std::this_thread::yield();
      }
      task(i);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}
