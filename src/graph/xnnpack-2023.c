// XNNPACK since June 2023: a softmax is created with its flags alone; its shape and batch come with reshape, and its tensors
// with set-up.

#include "src/graph/graph-softmax.h"
#include "src/graph/operator-table.h"
#include "src/graph/versions.h"

typedef enum xnn_status (*create_function)(uint32_t, xnn_operator_t*);
typedef enum xnn_status (*reshape_function)(xnn_operator_t, size_t, size_t, size_t, size_t, pthreadpool_t);
typedef enum xnn_status (*setup_function)(xnn_operator_t, const float*, float*);

enum xnn_status xnnx_create_without_shape(struct xnnx_xnnpack* xnnpack, uint32_t flags, xnn_operator_t* op_out)
{
  const struct xnnx_node_flags node_flags = xnnx_split_node_flags(flags);
  xnn_operator_t op = NULL;
  const enum xnn_status status = ((create_function) xnnpack->create_softmax)(node_flags.xnnpack, &op);
  if (status != xnn_status_success) {
    return status;
  }
  struct xnnx_graph_softmax* beside;
  return xnnx_stand_beside(xnnpack, op, node_flags, op_out, &beside);
}

enum xnn_status xnnx_reshape(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, size_t channels, size_t input_stride, size_t output_stride,
    size_t batch_size, pthreadpool_t threadpool)
{
  const enum xnn_status status = ((reshape_function) xnnpack->reshape_softmax)(
      op, channels, input_stride, output_stride, batch_size, threadpool);
  struct xnnx_graph_softmax* beside = xnnx_operator_table_find(op);
  if (beside != NULL && status == xnn_status_success) {
    xnnx_graph_softmax_reshape(
        beside, channels, input_stride, output_stride, batch_size, threadpool);
  } else if (beside != NULL) {
    beside->is_ready = false;
    beside->has_shape = false;
  }
  return status;
}

enum xnn_status xnnx_setup_without_batch(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, const float* input, float* output)
{
  const enum xnn_status status = ((setup_function) xnnpack->setup_softmax)(op, input, output);
  struct xnnx_graph_softmax* beside = xnnx_operator_table_find(op);
  if (beside != NULL && status == xnn_status_success) {
    xnnx_set_up_beside(xnnpack, beside, input, output);
  } else if (beside != NULL) {
    beside->is_ready = false;
  }
  return status;
}

enum xnn_status xnnx_make_row_without_shape(
    struct xnnx_xnnpack* xnnpack, const float* input, float* output, xnn_operator_t* op_out)
{
  enum xnn_status status = ((create_function) xnnpack->create_softmax)(0, op_out);
  if (status == xnn_status_success) {
    status = ((reshape_function) xnnpack->reshape_softmax)(*op_out, 1, 1, 1, 1, /*threadpool=*/NULL);
  }
  if (status == xnn_status_success) {
    status = ((setup_function) xnnpack->setup_softmax)(*op_out, input, output);
  }
  return status;
}
