// Rows computed with kernels that a test chooses, without an operator: also past the caches, where an operator's rows are
// never so few.

#pragma once

#include <cstddef>
#include <vector>

#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-kernels.h"

// How an operator may compute rows. In one pass: those of up to XNNX_CACHED_ROW_CHANNELS.
struct SoftmaxWay {
  enum xnnx_softmax_algorithm algorithm;
  bool stream;  // the output goes past the caches
};

constexpr SoftmaxWay kSoftmaxWays[] = {
    {xnnx_softmax_one_pass, false},
    {xnnx_softmax_blocked, false},
    {xnnx_softmax_blocked, true},
    {xnnx_softmax_two_pass, false},
    {xnnx_softmax_two_pass, true},
    {xnnx_softmax_three_pass_recompute, false},
    {xnnx_softmax_three_pass_recompute, true},
    {xnnx_softmax_three_pass_reload, false},
};

// The same calls as in a task of src/operators/softmax-nc.c.
void compute_softmax_rows(
    const struct xnnx_softmax_kernels& kernels, SoftmaxWay way, bool zero_if_fully_masked, size_t row_count,
    size_t channels, const float* input, float* output);

// The instruction sets that this processor has, and XNNX_MAX_ISA allows, best first, and the default kernels of one.
std::vector<enum xnnx_isa> usable_isas();
struct xnnx_softmax_kernels default_kernels(enum xnnx_isa isa);
