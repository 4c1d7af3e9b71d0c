// One of our operators beside one of XNNPACK's: the part of the graph layer that is the same for every XNNPACK.

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
  const void* context;              // what XNNPACK passes to pthreadpool when that runs; NULL: not known yet
  xnnx_operator_t softmax;          // ours
  struct xnnx_graph_softmax_shape shape;
  bool has_shape;     // `softmax` has been reshaped to `shape`
  bool is_ready;      // `softmax` has the tensors that XNNPACK got last; if not, XNNPACK's own operator runs
  bool is_announced;  // XNNX_VERBOSE has told about this shape
};

// Creates ours beside `xnnpack_operator` and enters it into the operator table. On failure there is nothing beside it.
//
// xnn_status_out_of_memory, and what xnnx_create_softmax_nc_f32 returns; each with a sentence for xnnx_last_error()
enum xnn_status xnnx_graph_softmax_create(
    xnn_operator_t xnnpack_operator, uint32_t flags, struct xnnx_graph_softmax** beside_out);

// Gives ours the shape that XNNPACK's operator has accepted; it has no tensors then.
void xnnx_graph_softmax_reshape(
    struct xnnx_graph_softmax* beside, size_t channels, size_t input_stride, size_t output_stride, size_t batch_size,
    pthreadpool_t threadpool);

// Gives ours the tensors that XNNPACK's operator has accepted. Where ours refuses these or the shape it is not ready.
void xnnx_graph_softmax_setup(struct xnnx_graph_softmax* beside, const float* input, float* output);

// Enters what XNNPACK passes to pthreadpool; without memory for that ours is not ready.
void xnnx_graph_softmax_set_context(struct xnnx_graph_softmax* beside, const void* context);

// Runs ours, which must be ready and so does not fail.
void xnnx_graph_softmax_run(struct xnnx_graph_softmax* beside, pthreadpool_t threadpool);

// Deletes what is beside `xnnpack_operator`, if anything. To be called before that operator's address can be reused.
void xnnx_graph_softmax_delete(xnn_operator_t xnnpack_operator);

#ifdef __cplusplus
}  // extern "C"
#endif
