#include "src/graph/operator-table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define BUCKET_COUNT_LOG2 12
#define BUCKET_COUNT (1u << BUCKET_COUNT_LOG2)

// Each bucket is a list that begins with a node of its own. Nodes stay in their list for good, with a key or without, and
// take another key of that bucket later: so a reader never follows a pointer that leads elsewhere by then. There are as
// many as the bucket ever had keys at once.
struct node {
  _Atomic(const void*) key;  // NULL: none
  _Atomic(struct xnnx_graph_softmax*) softmax;
  _Atomic(struct node*) next;
};

static struct node buckets[BUCKET_COUNT];

// For the first lists that need more; the others' are allocated.
static struct node spare_nodes[BUCKET_COUNT / 4];
static size_t spare_nodes_used;

// Held by who writes, and by who forks.
static pthread_mutex_t writers_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_handlers_once = PTHREAD_ONCE_INIT;

static void lock_for_writing(void)
{
  pthread_mutex_lock(&writers_mutex);
}

static void unlock(void)
{
  pthread_mutex_unlock(&writers_mutex);
}

static void install_fork_handlers(void)
{
  pthread_atfork(lock_for_writing, unlock, unlock);
}

// Operators are aligned, so their low bits say nothing: multiply (by 2^64 divided by the golden ratio), take high bits.
static struct node* bucket_of(const void* key)
{
  const uint64_t hash = (uint64_t) (uintptr_t) key * UINT64_C(0x9E3779B97F4A7C15);
  return &buckets[hash >> (64 - BUCKET_COUNT_LOG2)];
}

// The node in the bucket of `key` that has the key `wanted`: `key` itself or, for one that is free, NULL.
static struct node* find_node(const void* key, const void* wanted)
{
  struct node* node = bucket_of(key);
  while (node != NULL && atomic_load_explicit(&node->key, memory_order_acquire) != wanted) {
    node = atomic_load_explicit(&node->next, memory_order_acquire);
  }
  return node;
}

// A node without a key, at the second place of the bucket of `key`; NULL: no memory.
static struct node* add_node(const void* key)
{
  struct node* node = NULL;
  if (spare_nodes_used < sizeof(spare_nodes) / sizeof(spare_nodes[0])) {
    node = &spare_nodes[spare_nodes_used++];
  } else {
    node = calloc(1, sizeof(*node));
  }
  if (node != NULL) {
    struct node* first = bucket_of(key);
    atomic_store_explicit(&node->next, atomic_load_explicit(&first->next, memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(&first->next, node, memory_order_release);
  }
  return node;
}

bool xnnx_operator_table_insert(const void* key, struct xnnx_graph_softmax* softmax)
{
  pthread_once(&fork_handlers_once, install_fork_handlers);
  lock_for_writing();
  struct node* node = find_node(key, NULL);
  if (node == NULL) {
    node = add_node(key);
  }
  if (node != NULL) {
    atomic_store_explicit(&node->softmax, softmax, memory_order_relaxed);
    atomic_store_explicit(&node->key, key, memory_order_release);
  }
  unlock();
  return node != NULL;
}

struct xnnx_graph_softmax* xnnx_operator_table_find(const void* key)
{
  const struct node* node = key == NULL ? NULL : find_node(key, key);
  return node == NULL ? NULL : atomic_load_explicit(&node->softmax, memory_order_relaxed);
}

struct xnnx_graph_softmax* xnnx_operator_table_remove(const void* key)
{
  lock_for_writing();
  struct node* node = key == NULL ? NULL : find_node(key, key);
  struct xnnx_graph_softmax* softmax = NULL;
  if (node != NULL) {
    softmax = atomic_load_explicit(&node->softmax, memory_order_relaxed);
    atomic_store_explicit(&node->key, NULL, memory_order_release);
  }
  unlock();
  return softmax;
}
