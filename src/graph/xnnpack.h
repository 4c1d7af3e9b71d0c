// One XNNPACK in the process: its own functions, as they would be called without us.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <pthreadpool.h>
#include <xnnpack.h>

typedef void (*xnnx_function)(void);

enum xnnx_catching {
  xnnx_catching_is_unknown,
  xnnx_catches_runs,
  xnnx_misses_runs,
};

// NULL: this one has no such function. Create, reshape and set-up take other arguments in XNNPACKs of other years.
struct xnnx_xnnpack {
  const char* path;  // of its file, for messages
  xnnx_function create_softmax;
  xnnx_function reshape_softmax;  // since June 2023
  xnnx_function setup_softmax;
  enum xnn_status (*run_operator)(xnn_operator_t, pthreadpool_t);
  enum xnn_status (*delete_operator)(xnn_operator_t);
  enum xnn_status (*define_softmax)(xnn_subgraph_t, uint32_t, uint32_t, uint32_t);
  void (*parallelize_1d)(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t);
  size_t (*get_threads_count)(pthreadpool_t);
  enum xnnx_catching catching;  // whether its softmaxes can be run by ours; read and written atomically
  pthreadpool_task_1d_t softmax_task;  // what it passes to pthreadpool for one, as far as known; likewise
};
