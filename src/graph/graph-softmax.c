#include "src/graph/graph-softmax.h"

#include <stdlib.h>
#include <string.h>

#include "src/graph/graph-settings.h"
#include "src/graph/operator-table.h"
#include "src/xnnx/error.h"

enum xnn_status xnnx_graph_softmax_create(
    xnn_operator_t xnnpack_operator, uint32_t flags, struct xnnx_graph_softmax** beside_out)
{
  // An operator that was at this address, and went with its memory without having been deleted.
  xnnx_graph_softmax_delete(xnnpack_operator);
  struct xnnx_graph_softmax* beside = calloc(1, sizeof(*beside));
  if (beside == NULL) {
    xnnx_set_last_error("xnn_create_softmax_nc_f32: no memory for %zu bytes", sizeof(*beside));
    return xnn_status_out_of_memory;
  }
  beside->xnnpack_operator = xnnpack_operator;
  enum xnn_status status = xnnx_create_softmax_nc_f32(flags, &beside->softmax);
  if (status == xnn_status_success && !xnnx_operator_table_insert(xnnpack_operator, beside)) {
    xnnx_set_last_error("xnn_create_softmax_nc_f32: no memory for the table of operators");
    xnnx_delete_operator(beside->softmax);
    status = xnn_status_out_of_memory;
  }
  if (status != xnn_status_success) {
    free(beside);
    return status;
  }
  *beside_out = beside;
  return xnn_status_success;
}

void xnnx_graph_softmax_reshape(
    struct xnnx_graph_softmax* beside, size_t channels, size_t input_stride, size_t output_stride, size_t batch_size,
    pthreadpool_t threadpool)
{
  beside->is_ready = false;
  const struct xnnx_graph_softmax_shape shape = {
    .channels = channels,
    .input_stride = input_stride,
    .output_stride = output_stride,
    .batch_size = batch_size,
    .thread_count = pthreadpool_get_threads_count(threadpool),
  };
  if (beside->has_shape && memcmp(&beside->shape, &shape, sizeof(shape)) == 0) {
    return;
  }
  beside->shape = shape;
  beside->is_announced = false;
  beside->has_shape = xnnx_reshape_softmax_nc_f32(
                          beside->softmax, channels, input_stride, output_stride, batch_size, threadpool) ==
                      xnn_status_success;
  if (!beside->has_shape) {
    xnnx_graph_say("%s; XNNPACK's own softmax runs instead", xnnx_last_error());
  }
}

void xnnx_graph_softmax_setup(struct xnnx_graph_softmax* beside, const float* input, float* output)
{
  beside->is_ready = false;
  if (beside->has_shape) {
    beside->is_ready = xnnx_setup_softmax_nc_f32(beside->softmax, input, output) == xnn_status_success;
    if (!beside->is_ready) {
      xnnx_graph_say("%s; XNNPACK's own softmax runs instead", xnnx_last_error());
    }
  }
}

void xnnx_graph_softmax_set_context(struct xnnx_graph_softmax* beside, const void* context)
{
  if (beside->context == context) {
    return;
  }
  if (beside->context != NULL) {
    xnnx_operator_table_remove(beside->context);
  }
  beside->context = context;
  if (context != NULL && !xnnx_operator_table_insert(context, beside)) {
    beside->context = NULL;
    beside->is_ready = false;
    xnnx_set_last_error("xnn_setup_softmax_nc_f32: no memory for the table of operators");
    xnnx_graph_say("%s; XNNPACK's own softmax runs instead", xnnx_last_error());
  }
}

// The line comes after the run, so that it is evidence of it.
static __attribute__((noinline)) void run_and_announce(struct xnnx_graph_softmax* beside, pthreadpool_t threadpool)
{
  xnnx_run_operator(beside->softmax, threadpool);
  xnnx_graph_say("%s", xnnx_describe_operator(beside->softmax));
  beside->is_announced = true;
}

void xnnx_graph_softmax_run(struct xnnx_graph_softmax* beside, pthreadpool_t threadpool)
{
  if (beside->is_announced) {
    xnnx_run_operator(beside->softmax, threadpool);
  } else {
    run_and_announce(beside, threadpool);
  }
}

void xnnx_graph_softmax_delete(xnn_operator_t xnnpack_operator)
{
  if (xnnx_operator_table_find(xnnpack_operator) == NULL) {
    return;
  }
  struct xnnx_graph_softmax* beside = xnnx_operator_table_remove(xnnpack_operator);
  xnnx_graph_softmax_set_context(beside, NULL);
  xnnx_delete_operator(beside->softmax);
  free(beside);
}
