// The two ways in which XNNPACKs create, reshape and set up a softmax, each in a file of its own.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/graph/xnnpack.h"

enum xnnx_node_wish {
  xnnx_node_knows_nothing_of_us,
  xnnx_node_wants_ours,
  xnnx_node_wants_xnnpacks,
};

// The flags of a node or operator: XNNPACK's, and ours if the node is marked.
struct xnnx_node_flags {
  uint32_t xnnpack;
  uint32_t ours;
  enum xnnx_node_wish wish;
};

struct xnnx_graph_softmax;

// What each version's functions share. -----------------------------------------------------------------------------

struct xnnx_node_flags xnnx_split_node_flags(uint32_t flags);

// Puts ours beside an operator that XNNPACK has created, where it is to be, and hands out XNNPACK's. A node that knows nothing
// of us does not fail because of us: *beside_out is NULL then. On failure XNNPACK's operator is deleted.
enum xnn_status xnnx_stand_beside(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, struct xnnx_node_flags flags, xnn_operator_t* op_out,
    struct xnnx_graph_softmax** beside_out);

// Gives ours the tensors that XNNPACK's has accepted, and learns how XNNPACK will run it.
void xnnx_set_up_beside(
    struct xnnx_xnnpack* xnnpack, struct xnnx_graph_softmax* beside, const float* input, float* output);

// Before June 2023: shape at creation, batch and tensors at set-up. --------------------------------------

enum xnn_status xnnx_create_with_shape(
    struct xnnx_xnnpack* xnnpack, size_t channels, size_t input_stride, size_t output_stride, uint32_t flags,
    xnn_operator_t* op_out);
enum xnn_status xnnx_setup_with_batch(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, size_t batch_size, const float* input, float* output,
    pthreadpool_t threadpool);
// Creates and sets up one of XNNPACK's own for one row of one element.
enum xnn_status xnnx_make_row_with_shape(
    struct xnnx_xnnpack* xnnpack, const float* input, float* output, xnn_operator_t* op_out);

// Since June 2023: flags at creation, shape and batch at reshape, tensors at set-up. -------------------------------

enum xnn_status xnnx_create_without_shape(struct xnnx_xnnpack* xnnpack, uint32_t flags, xnn_operator_t* op_out);
enum xnn_status xnnx_reshape(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, size_t channels, size_t input_stride, size_t output_stride,
    size_t batch_size, pthreadpool_t threadpool);
enum xnn_status xnnx_setup_without_batch(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, const float* input, float* output);
enum xnn_status xnnx_make_row_without_shape(
    struct xnnx_xnnpack* xnnpack, const float* input, float* output, xnn_operator_t* op_out);
