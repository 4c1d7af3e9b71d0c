// One of our operators beside one of XNNPACK's: the part of the graph layer that does not depend on XNNPACK's version.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xnnpack-softmax.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xnnx_graph_softmax_shape {
  size_t channels;
  size_t input_stride;
  size_t output_stride;
  size_t batch_size;
  size_t thread_count;
};

struct xnnx_graph_softmax {
  xnn_operator_t xnnpack_operator;  // the operator that the graph knows
  struct xnnx_graph_softmax* next;  // belongs to the operator table
  xnnx_operator_t softmax;          // ours
  // The caller fills in channels and strides; batch_size and thread_count are those of the last reshape.
  struct xnnx_graph_softmax_shape shape;
  bool has_shape;     // `softmax` has been reshaped to `shape`
  bool is_ready;      // `softmax` has the tensors that XNNPACK got last; if not, XNNPACK's own operator runs
  bool is_announced;  // XNNX_VERBOSE has told about this shape
};

// Creates ours beside `xnnpack_operator` and enters it into the operator table. On failure there is nothing beside it.
//
// xnn_status_out_of_memory, and what xnnx_create_softmax_nc_f32 returns; each with a sentence for xnnx_last_error()
enum xnn_status xnnx_graph_softmax_create(
    xnn_operator_t xnnpack_operator, size_t channels, size_t input_stride, size_t output_stride, uint32_t flags);

// Gives ours the shape and the tensors that XNNPACK's operator has accepted. If ours refuses them it is not ready.
void xnnx_graph_softmax_setup(
    struct xnnx_graph_softmax* beside, size_t batch_size, const float* input, float* output, pthreadpool_t threadpool);

// Runs ours, which must be ready.
enum xnn_status xnnx_graph_softmax_run(struct xnnx_graph_softmax* beside, pthreadpool_t threadpool);

// Deletes what is beside `xnnpack_operator`, if anything. To be called before that operator's address can be reused.
void xnnx_graph_softmax_delete(xnn_operator_t xnnpack_operator);

#ifdef __cplusplus
}  // extern "C"
#endif
