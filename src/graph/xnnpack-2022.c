// XNNPACK from before June 2023: a softmax has its channels and strides from the start, and gets the batch with the tensors.

#include "src/graph/graph-softmax.h"
#include "src/graph/operator-table.h"
#include "src/graph/versions.h"

typedef enum xnn_status (*create_function)(size_t, size_t, size_t, uint32_t, xnn_operator_t*);
typedef enum xnn_status (*setup_function)(xnn_operator_t, size_t, const float*, float*, pthreadpool_t);

enum xnn_status xnnx_create_with_shape(
    struct xnnx_xnnpack* xnnpack, size_t channels, size_t input_stride, size_t output_stride, uint32_t flags,
    xnn_operator_t* op_out)
{
  const struct xnnx_node_flags node_flags = xnnx_split_node_flags(flags);
  xnn_operator_t op = NULL;
  enum xnn_status status =
      ((create_function) xnnpack->create_softmax)(channels, input_stride, output_stride, node_flags.xnnpack, &op);
  if (status != xnn_status_success) {
    return status;
  }
  struct xnnx_graph_softmax* beside;
  status = xnnx_stand_beside(xnnpack, op, node_flags, op_out, &beside);
  if (beside != NULL) {
    beside->shape.channels = channels;
    beside->shape.input_stride = input_stride;
    beside->shape.output_stride = output_stride;
  }
  return status;
}

enum xnn_status xnnx_setup_with_batch(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, size_t batch_size, const float* input, float* output,
    pthreadpool_t threadpool)
{
  const enum xnn_status status =
      ((setup_function) xnnpack->setup_softmax)(op, batch_size, input, output, threadpool);
  struct xnnx_graph_softmax* beside = xnnx_operator_table_find(op);
  if (beside != NULL) {
    beside->is_ready = false;
  }
  if (beside != NULL && status == xnn_status_success) {
    const struct xnnx_graph_softmax_shape* shape = &beside->shape;
    xnnx_graph_softmax_reshape(
        beside, shape->channels, shape->input_stride, shape->output_stride, batch_size, threadpool);
    xnnx_set_up_beside(xnnpack, beside, input, output);
  }
  return status;
}

enum xnn_status xnnx_make_row_with_shape(
    struct xnnx_xnnpack* xnnpack, const float* input, float* output, xnn_operator_t* op_out)
{
  const enum xnn_status status = ((create_function) xnnpack->create_softmax)(1, 1, 1, 0, op_out);
  return status != xnn_status_success
             ? status
             : ((setup_function) xnnpack->setup_softmax)(*op_out, 1, input, output, /*threadpool=*/NULL);
}
