// What a softmax is asked to compute: rows without gaps between them.

#pragma once

#include <cstddef>

namespace xnnx_accuracy {

struct Batch {
  size_t rows;
  size_t channels;
  const float* input;
  float* output;
  size_t threads;
};

}  // namespace xnnx_accuracy
