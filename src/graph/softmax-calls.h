// What the functions of XNNPACK do that the graph layer answers: what XNNPACK's own function of that name does, and ours
// beside it. The arguments of create and set-up are as they come: how many there are depends on XNNPACK's version.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/graph/graph-softmax.h"
#include "src/graph/xnnpack.h"
#include "src/xnnx/thread-local.h"

enum xnn_status xnnx_call_create(struct xnnx_xnnpack* xnnpack, const uintptr_t arguments[5]);
enum xnn_status xnnx_call_reshape(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, size_t channels, size_t input_stride, size_t output_stride,
    size_t batch_size, pthreadpool_t threadpool);
enum xnn_status xnnx_call_setup(struct xnnx_xnnpack* xnnpack, const uintptr_t arguments[5]);
enum xnn_status xnnx_call_delete(struct xnnx_xnnpack* xnnpack, xnn_operator_t op);
enum xnn_status xnnx_call_define(
    struct xnnx_xnnpack* xnnpack, xnn_subgraph_t subgraph, uint32_t input_id, uint32_t output_id, uint32_t flags);

// While this thread runs an operator of XNNPACK to learn what it passes to pthreadpool.
extern XNNX_THREAD_LOCAL bool xnnx_is_probing;

// Whether a call of pthreadpool_parallelize_1d then is that operator's, which notes what it passes, and has nothing else to do.
// A signal handler may call, too.
bool xnnx_note_probe(pthreadpool_task_1d_t task, const void* context);

// Whether a call of pthreadpool_parallelize_1d runs `beside`, which the operator table has for `context` and which may be NULL:
// it also has operators, which a program may pass to tasks of its own.
static inline bool xnnx_is_run(const struct xnnx_graph_softmax* beside, const void* context)
{
  return beside != NULL && beside->context == context && beside->is_ready;
}
