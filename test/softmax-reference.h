// Softmax by its definition, in long double.

#pragma once

#include <cstddef>
#include <vector>

// y[i] = exp(x[i]) / sum_j exp(x[j]), with the rules of include/xnnpack-softmax.h for NaN, infinities and masks.
std::vector<double> softmax_reference(const float* input, size_t channels, bool zero_if_fully_masked = false);
