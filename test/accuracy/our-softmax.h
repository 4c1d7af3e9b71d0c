// This library's operator, made to use an algorithm and an instruction set.

#pragma once

#include <vector>

#include "src/xnnx/isa.h"
#include "test/accuracy/algorithm.h"
#include "test/accuracy/batch.h"

namespace xnnx_accuracy {

// The instruction sets, best first: all, and those that can run here.
std::vector<enum xnnx_isa> all_isas();
std::vector<enum xnnx_isa> usable_isas();
bool is_usable(enum xnnx_isa isa);

// extra_flags are added to those of the algorithm. Throws std::runtime_error where the operator fails, and where it
// would run something else than was asked for.
void run_our_softmax(const Batch& batch, enum xnnx_isa isa, const Algorithm& algorithm, uint32_t extra_flags = 0);

}  // namespace xnnx_accuracy
