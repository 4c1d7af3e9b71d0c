// How an operator computes a shape: decided without doing any of it, so that a test can ask.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct xnnx_softmax_shape {
  size_t channels;
  size_t input_stride;
  size_t output_stride;
  size_t batch_size;
};

struct xnnx_softmax_plan {
  enum xnnx_softmax_algorithm algorithm;
  bool is_small;    // waking other threads would cost more than they save: the calling thread does it all
  bool is_far;      // the input comes from memory rather than from a cache
  bool may_stream;  // the output goes past the caches, unless it is the input
  // Rows are spread over tasks, of as many rows each; the last one may have fewer. Rows that are left over are computed one
  // after the other, each on all threads.
  size_t task_count;
  size_t rows_per_task;
  // What a task needs beside the stack, and of that what is for exponentials that wait. Rows that are left over use that of
  // the first task.
  size_t workspace_count;
  size_t workspace_bytes;
  size_t scratch_bytes;
};

// The plan for a shape that is valid, on up to `thread_count` threads. cpuinfo must be initialised.
struct xnnx_softmax_plan xnnx_plan_softmax(
    uint32_t flags,
    const struct xnnx_softmax_shape* shape,
    size_t thread_count,
    const struct xnnx_softmax_kernels* kernels);

#ifdef __cplusplus
}  // extern "C"
#endif
