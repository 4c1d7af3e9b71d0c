// How much memory this process can still have.

#pragma once

#include <cstddef>
#include <string>

namespace xnnx_bench {

// The least of what the system has without swapping and of what each memory cgroup of this process still allows, its
// inactive file pages counted as free; SIZE_MAX where nothing limits it. `root` stands before /proc and /sys, since a
// test has its own.
size_t available_memory_bytes(const std::string& root = "");

}  // namespace xnnx_bench
