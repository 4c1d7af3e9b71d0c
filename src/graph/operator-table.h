// Which of our softmaxes stands beside an operator of XNNPACK, or belongs to a context that XNNPACK passes to pthreadpool.
// Safe to use from any thread: looking up takes no lock, and a child forked meanwhile finds the table as it was.

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/graph/graph-softmax.h"

#ifdef __cplusplus
extern "C" {
#endif

// Adds `softmax` under `key`, which is no key yet and not NULL. The softmax stays the caller's. False: no memory.
bool xnnx_operator_table_insert(const void* key, struct xnnx_graph_softmax* softmax);

// What `key` stands for, or NULL. Who looks up a key must know that nobody adds or removes that key meanwhile; of others
// anybody may. Every operator of every graph asks.
struct xnnx_graph_softmax* xnnx_operator_table_find(const void* key);

// Removes `key` and returns what it stood for, or NULL.
struct xnnx_graph_softmax* xnnx_operator_table_remove(const void* key);

#ifdef __cplusplus
}  // extern "C"
#else

// The rest is what the table is made of, for a look that is inline, because everything that runs on a pool takes it.

// Open addressing: a key is in the slot that its hash says or, where others hold that one, in a slot after it, with no
// empty one between. At most a quarter of the slots are taken, so that one look tells as a rule.
struct xnnx_operator_slot {
  _Atomic(const void*) key;  // NULL: empty
  _Atomic(struct xnnx_graph_softmax*) softmax;
};

struct xnnx_operator_table {
  unsigned slot_count_log2;
  size_t key_count;
  struct xnnx_operator_table* outgrown;  // a reader may still look at it: what it then looks for is there as well
  struct xnnx_operator_slot* slots;
};

extern _Atomic(struct xnnx_operator_table*) xnnx_operator_table;

// Operators are aligned, so their low bits say nothing: multiply (by 2^64 divided by the golden ratio), take high bits.
static inline size_t xnnx_first_operator_slot(const struct xnnx_operator_table* table, const void* key)
{
  const uint64_t hash = (uint64_t) (uintptr_t) key * UINT64_C(0x9E3779B97F4A7C15);
  return (size_t) (hash >> (64 - table->slot_count_log2));
}

// Whether one look tells that a context is not that of a softmax of ours.
static inline bool xnnx_is_clearly_not_ours(const void* context)
{
  const struct xnnx_operator_table* table = atomic_load_explicit(&xnnx_operator_table, memory_order_acquire);
  const size_t slot = xnnx_first_operator_slot(table, context);
  return atomic_load_explicit(&table->slots[slot].key, memory_order_acquire) == NULL;
}

#endif
