// The algorithms of softmax, and which one suits a row.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/xnnx/softmax-kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

enum xnnx_softmax_algorithm {
  xnnx_softmax_one_pass,  // a short row, in registers
  xnnx_softmax_blocked,
  xnnx_softmax_two_pass,
  xnnx_softmax_three_pass_recompute,
  xnnx_softmax_three_pass_reload,
};

const char* xnnx_softmax_algorithm_name(enum xnnx_softmax_algorithm algorithm);

// Whether input and output of a call, of that many elements each, leave nothing of use in the caches, so that the
// output had better go past them. cpuinfo must be initialised.
bool xnnx_tensors_exceed_caches(size_t elements);

// Whether input and output of a call, of that many elements each, are such a part of the caches that the input had better
// be read as if it came from memory: in one place at a time, and fetched in time. cpuinfo must be initialised.
bool xnnx_tensors_are_far(size_t elements);

// Whether a row of `channels` floats may wait in a cache until the next one is computed, on each of several threads.
// cpuinfo must be initialised.
bool xnnx_row_may_wait_in_cache(size_t channels);

// The algorithm that `flags` force, or else the one for rows of `channels` elements: it depends on nothing but the
// row's length, the kernels and the processor's caches, so that neither threads nor strides change a result. cpuinfo
// must be initialised.
enum xnnx_softmax_algorithm xnnx_choose_softmax_algorithm(
    uint32_t flags, size_t channels, const struct xnnx_softmax_kernels* kernels);

#ifdef __cplusplus
}  // extern "C"
#endif
