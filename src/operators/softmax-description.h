// What a softmax operator runs, in words.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// Names alone, so that it outlives its operator.
struct xnnx_softmax_description {
  size_t batch_size;
  size_t channels;
  const char* algorithm;  // NULL: nothing to describe
  const char* isa;
  bool stream;  // results go past the caches
  const char* kernels[3];  // in the order of the passes; NULL after the last
};

struct xnnx_softmax_description xnnx_describe_softmax(
    size_t batch_size,
    size_t channels,
    enum xnnx_softmax_algorithm algorithm,
    bool stream,
    const struct xnnx_softmax_kernels* kernels);

// In the calling thread's buffer, until its next call.
const char* xnnx_format_softmax_description(const struct xnnx_softmax_description* description);

#ifdef __cplusplus
}  // extern "C"
#endif
