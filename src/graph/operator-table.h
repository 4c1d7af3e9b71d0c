// Which of our softmaxes stands beside an operator of XNNPACK, or belongs to a context that XNNPACK passes to pthreadpool.
// Safe to use from any thread: looking up takes no lock, and a child forked meanwhile finds the table as it was.

#pragma once

#include <stdbool.h>

#include "src/graph/graph-softmax.h"

#ifdef __cplusplus
extern "C" {
#endif

// Adds `softmax` under `key`, which is no key yet and not NULL. The softmax stays the caller's. False: no memory.
bool xnnx_operator_table_insert(const void* key, struct xnnx_graph_softmax* softmax);

// What `key` stands for, or NULL. Who looks up a key must know that nobody adds or removes that key meanwhile; of others
// anybody may. Everything that runs on a pool asks.
struct xnnx_graph_softmax* xnnx_operator_table_find(const void* key);

// Removes `key` and returns what it stood for, or NULL.
struct xnnx_graph_softmax* xnnx_operator_table_remove(const void* key);

#ifdef __cplusplus
}  // extern "C"
#endif
