#include "src/graph/operator-table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "src/graph/operator-table-lookup.h"

struct xnnx_operator_table_node xnnx_operator_table_buckets[XNNX_BUCKET_COUNT];

// For the first lists that need more; the others' are allocated.
static struct xnnx_operator_table_node spare_nodes[XNNX_BUCKET_COUNT / 64];
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

// A node without a key, at the second place of the bucket of `key`; NULL: no memory.
static struct xnnx_operator_table_node* add_node(const void* key)
{
  struct xnnx_operator_table_node* node = NULL;
  if (spare_nodes_used < sizeof(spare_nodes) / sizeof(spare_nodes[0])) {
    node = &spare_nodes[spare_nodes_used++];
  } else {
    node = calloc(1, sizeof(*node));
  }
  if (node != NULL) {
    struct xnnx_operator_table_node* first = xnnx_operator_table_bucket(key);
    atomic_store_explicit(&node->next, atomic_load_explicit(&first->next, memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(&first->next, node, memory_order_release);
  }
  return node;
}

bool xnnx_operator_table_insert(const void* key, struct xnnx_graph_softmax* softmax)
{
  pthread_once(&fork_handlers_once, install_fork_handlers);
  lock_for_writing();
  struct xnnx_operator_table_node* node = xnnx_operator_table_node_of(key, NULL);
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
  return xnnx_operator_table_look_up(key);
}

struct xnnx_graph_softmax* xnnx_operator_table_remove(const void* key)
{
  lock_for_writing();
  struct xnnx_operator_table_node* node = key == NULL ? NULL : xnnx_operator_table_node_of(key, key);
  struct xnnx_graph_softmax* softmax = NULL;
  if (node != NULL) {
    softmax = atomic_load_explicit(&node->softmax, memory_order_relaxed);
    atomic_store_explicit(&node->key, NULL, memory_order_release);
  }
  unlock();
  return softmax;
}
