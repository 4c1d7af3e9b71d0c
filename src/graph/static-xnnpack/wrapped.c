// Functions of a static XNNPACK and its pthreadpool, whose calls the linker's --wrap sends here: WRAP_OPTIONS in BUILD.bazel
// says so for each.

#include <stddef.h>
#include <stdint.h>

#include <xnnpack-softmax.h>

#include "src/graph/operator-table-lookup.h"
#include "src/graph/softmax-calls.h"

// XNNPACK's own, by the linker's names. Declared without arguments where these depend on its version.
enum xnn_status __real_xnn_create_softmax_nc_f32(void);
enum xnn_status __real_xnn_reshape_softmax_nc_f32(void) __attribute__((weak));
enum xnn_status __real_xnn_setup_softmax_nc_f32(void);
enum xnn_status __real_xnn_delete_operator(xnn_operator_t);
void __real_pthreadpool_parallelize_1d(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t);

static struct xnnx_xnnpack* linked_xnnpack(void)
{
  static struct xnnx_xnnpack xnnpack = {
    .path = "the program",
    .create_softmax = (xnnx_function) __real_xnn_create_softmax_nc_f32,
    .reshape_softmax = (xnnx_function) __real_xnn_reshape_softmax_nc_f32,
    .setup_softmax = (xnnx_function) __real_xnn_setup_softmax_nc_f32,
    .run_operator = xnn_run_operator,
    .delete_operator = __real_xnn_delete_operator,
    .define_softmax = xnn_define_softmax,
  };
  return &xnnpack;
}

enum xnn_status __wrap_xnn_create_softmax_nc_f32(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
  const uintptr_t arguments[] = {a, b, c, d, e};
  return xnnx_call_create(linked_xnnpack(), arguments);
}

enum xnn_status __wrap_xnn_reshape_softmax_nc_f32(
    xnn_operator_t op, size_t channels, size_t input_stride, size_t output_stride, size_t batch_size,
    pthreadpool_t threadpool)
{
  return xnnx_call_reshape(linked_xnnpack(), op, channels, input_stride, output_stride, batch_size, threadpool);
}

enum xnn_status __wrap_xnn_setup_softmax_nc_f32(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
  const uintptr_t arguments[] = {a, b, c, d, e};
  return xnnx_call_setup(linked_xnnpack(), arguments);
}

enum xnn_status __wrap_xnn_delete_operator(xnn_operator_t op)
{
  return xnnx_call_delete(linked_xnnpack(), op);
}

static __attribute__((noinline)) void note_or_pass_on(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags)
{
  if (!xnnx_note_probe(task, context)) {
    __real_pthreadpool_parallelize_1d(threadpool, task, context, range, flags);
  }
}

// Called for operators of any kind, and by ours. Every call is the last thing that it does, so that it saves nothing.
void __wrap_pthreadpool_parallelize_1d(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags)
{
  struct xnnx_graph_softmax* beside = xnnx_operator_table_look_up(context);
  if (xnnx_is_probing) {
    note_or_pass_on(threadpool, task, context, range, flags);
  } else if (xnnx_is_run(beside, context)) {
    xnnx_graph_softmax_run(beside, threadpool);
  } else {
    __real_pthreadpool_parallelize_1d(threadpool, task, context, range, flags);
  }
}

enum xnn_status xnnx_define_softmax(xnn_subgraph_t subgraph, uint32_t input_id, uint32_t output_id, uint32_t flags)
{
  return xnnx_call_define(linked_xnnpack(), subgraph, input_id, output_id, flags);
}
