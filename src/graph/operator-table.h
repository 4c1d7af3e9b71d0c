// Which of XNNPACK's operators have one of ours beside them. Safe to use from any thread.

#pragma once

#include <xnnpack.h>

#include "src/graph/graph-softmax.h"

#ifdef __cplusplus
extern "C" {
#endif

// Adds `entry` under its key, entry->xnnpack_operator, which must not be in the table. The entry stays the caller's.
void xnnx_operator_table_insert(struct xnnx_graph_softmax* entry);

// The entry of `xnnpack_operator`, or NULL. Cheap where there is none: every operator of every graph asks.
struct xnnx_graph_softmax* xnnx_operator_table_find(xnn_operator_t xnnpack_operator);

// Takes the entry of `xnnpack_operator` out of the table and returns it, or NULL.
struct xnnx_graph_softmax* xnnx_operator_table_remove(xnn_operator_t xnnpack_operator);

#ifdef __cplusplus
}  // extern "C"
#endif
