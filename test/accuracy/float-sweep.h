// Floats of all sizes, in ascending order.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace xnnx_accuracy {

// All floats that are not NaN are numbered from -infinity, 0, to +infinity, kFloatCount - 1.
constexpr uint32_t kFloatCount = 0xFF000002u;
uint32_t number_of(float value);

// What is done with a run of floats.
using CheckRun = std::function<void(const float* values, size_t count)>;

// Every `stride`th float, in runs of at most 4096 that span less than 64 (but for those below -2^17: exp of them is
// nothing beside the others).
void sweep_floats(uint64_t stride, const CheckRun& check_run);

// Floats where an exponential may go wrong, in such runs: bounds, powers of two, and around each x where x log2 e is
// half way between two integers or, up to 128, between two multiples of 1/32.
void sweep_critical_floats(const CheckRun& check_run);

// A signalling and some quiet NaNs of both signs.
const std::vector<float>& some_nans();

}  // namespace xnnx_accuracy
