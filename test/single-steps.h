// Calls a function one instruction at a time, and looks at each: what no result shows can be tested so. For x86-64 Linux.

#pragma once

#include <cstdint>
#include <functional>

struct Steps {
  size_t instructions = 0;
  size_t non_temporal_stores = 0;
  // Non-temporal stores since the last fence: in no order with what the caller stores next.
  size_t unfenced_stores = 0;
};

Steps single_steps_of(const std::function<void()>& function);
