// The lookup of the operator table, inline: everything that runs on a pool asks, and a call would save all of its arguments.
// In C alone, whose atomic types these are.

#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "src/graph/graph-softmax.h"

#define XNNX_BUCKET_COUNT_LOG2 16
#define XNNX_BUCKET_COUNT (1u << XNNX_BUCKET_COUNT_LOG2)

// Each bucket is a list that begins with a node of its own. Nodes stay in their list for good, with a key or without, and
// take another key of that bucket later: so a reader never follows a pointer that leads elsewhere by then. There are as
// many as the bucket ever had keys at once.
struct xnnx_operator_table_node {
  _Atomic(const void*) key;  // NULL: none
  _Atomic(struct xnnx_graph_softmax*) softmax;
  _Atomic(struct xnnx_operator_table_node*) next;
};

extern struct xnnx_operator_table_node xnnx_operator_table_buckets[XNNX_BUCKET_COUNT];

// Operators are aligned, so their low bits say nothing: multiply (by 2^64 divided by the golden ratio), take high bits.
static inline struct xnnx_operator_table_node* xnnx_operator_table_bucket(const void* key)
{
  const uint64_t hash = (uint64_t) (uintptr_t) key * UINT64_C(0x9E3779B97F4A7C15);
  return &xnnx_operator_table_buckets[hash >> (64 - XNNX_BUCKET_COUNT_LOG2)];
}

// The node in the bucket of `key` that has the key `wanted`: `key` itself or, for one that is free, NULL.
static inline struct xnnx_operator_table_node* xnnx_operator_table_node_of(const void* key, const void* wanted)
{
  struct xnnx_operator_table_node* node = xnnx_operator_table_bucket(key);
  while (node != NULL && atomic_load_explicit(&node->key, memory_order_acquire) != wanted) {
    node = atomic_load_explicit(&node->next, memory_order_acquire);
  }
  return node;
}

// xnnx_operator_table_find.
static inline struct xnnx_graph_softmax* xnnx_operator_table_look_up(const void* key)
{
  const struct xnnx_operator_table_node* node = key == NULL ? NULL : xnnx_operator_table_node_of(key, key);
  return node == NULL ? NULL : atomic_load_explicit(&node->softmax, memory_order_relaxed);
}
