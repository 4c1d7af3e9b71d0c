// The names and flags of this library's softmax algorithms.

#pragma once

#include <cstdint>
#include <ostream>

#include <xnnpack-softmax.h>

namespace xnnx_accuracy {

struct Algorithm {
  const char* name;
  uint32_t flags;
};

// What GoogleTest prints of a failed test's parameter.
inline void PrintTo(const Algorithm& algorithm, std::ostream* stream)
{
  *stream << algorithm.name;
}

constexpr Algorithm kAlgorithms[] = {
    {"auto", 0},
    {"two_pass", XNNX_FLAG_TWO_PASS},
    {"three_pass_recompute", XNNX_FLAG_THREE_PASS_RECOMPUTE},
    {"three_pass_reload", XNNX_FLAG_THREE_PASS_RELOAD},
    {"blocked", XNNX_FLAG_BLOCKED},
};

}  // namespace xnnx_accuracy
