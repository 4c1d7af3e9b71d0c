#include "src/graph/graph-softmax.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/graph/graph-settings.h"
#include "src/graph/operator-table.h"
#include "src/xnnx/error.h"

enum xnn_status xnnx_graph_softmax_create(
    xnn_operator_t xnnpack_operator, size_t channels, size_t input_stride, size_t output_stride, uint32_t flags)
{
  struct xnnx_graph_softmax* beside = calloc(1, sizeof(*beside));
  if (beside == NULL) {
    xnnx_set_last_error("xnn_create_softmax_nc_f32: no memory for %zu bytes", sizeof(*beside));
    return xnn_status_out_of_memory;
  }
  const enum xnn_status status = xnnx_create_softmax_nc_f32(flags, &beside->softmax);
  if (status != xnn_status_success) {
    free(beside);
    return status;
  }
  beside->xnnpack_operator = xnnpack_operator;
  beside->shape.channels = channels;
  beside->shape.input_stride = input_stride;
  beside->shape.output_stride = output_stride;
  xnnx_operator_table_insert(beside);
  return xnn_status_success;
}

static enum xnn_status reshape_if_needed(
    struct xnnx_graph_softmax* beside, size_t batch_size, pthreadpool_t threadpool)
{
  struct xnnx_graph_softmax_shape* shape = &beside->shape;
  const size_t thread_count = pthreadpool_get_threads_count(threadpool);
  if (beside->has_shape && shape->batch_size == batch_size && shape->thread_count == thread_count) {
    return xnn_status_success;
  }
  const enum xnn_status status = xnnx_reshape_softmax_nc_f32(
      beside->softmax, shape->channels, shape->input_stride, shape->output_stride, batch_size, threadpool);
  if (status == xnn_status_success) {
    shape->batch_size = batch_size;
    shape->thread_count = thread_count;
    beside->has_shape = true;
    beside->is_announced = false;
  }
  return status;
}

void xnnx_graph_softmax_setup(
    struct xnnx_graph_softmax* beside, size_t batch_size, const float* input, float* output, pthreadpool_t threadpool)
{
  enum xnn_status status = reshape_if_needed(beside, batch_size, threadpool);
  if (status == xnn_status_success) {
    status = xnnx_setup_softmax_nc_f32(beside->softmax, input, output);
  }
  beside->is_ready = status == xnn_status_success;
  if (!beside->is_ready && xnnx_graph_settings()->verbose) {
    fprintf(stderr, "xnnpack-softmax: %s; XNNPACK's own softmax runs instead\n", xnnx_last_error());
  }
}

enum xnn_status xnnx_graph_softmax_run(struct xnnx_graph_softmax* beside, pthreadpool_t threadpool)
{
  const enum xnn_status status = xnnx_run_operator(beside->softmax, threadpool);
  // After the run, so that the line is evidence of it.
  if (!beside->is_announced && status == xnn_status_success && xnnx_graph_settings()->verbose) {
    fprintf(stderr, "xnnpack-softmax: %s\n", xnnx_describe_operator(beside->softmax));
    beside->is_announced = true;
  }
  return status;
}

void xnnx_graph_softmax_delete(xnn_operator_t xnnpack_operator)
{
  struct xnnx_graph_softmax* beside = xnnx_operator_table_remove(xnnpack_operator);
  if (beside != NULL) {
    xnnx_delete_operator(beside->softmax);
    free(beside);
  }
}
