#include "src/graph/operator-table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define BUCKET_COUNT_LOG2 10
#define BUCKET_COUNT (1u << BUCKET_COUNT_LOG2)
#define CACHE_LINE_BYTES 64

// A list of entries. `head` is written under the mutex only, but read without it: where it is NULL there is nothing to
// find. Nobody follows a pointer outside the mutex, so a removed entry may be freed at once.
struct bucket {
  _Alignas(CACHE_LINE_BYTES) _Atomic(struct xnnx_graph_softmax*) head;
  pthread_mutex_t mutex;
};

static struct bucket buckets[BUCKET_COUNT];
static pthread_once_t buckets_once = PTHREAD_ONCE_INIT;

static void initialize_buckets(void)
{
  for (size_t i = 0; i < BUCKET_COUNT; i++) {
    pthread_mutex_init(&buckets[i].mutex, NULL);
  }
}

// Operators are aligned, so their low bits say nothing: multiply (by 2^64 divided by the golden ratio), take high bits.
static struct bucket* bucket_of(xnn_operator_t xnnpack_operator)
{
  const uint64_t hash = (uint64_t) (uintptr_t) xnnpack_operator * UINT64_C(0x9E3779B97F4A7C15);
  return &buckets[hash >> (64 - BUCKET_COUNT_LOG2)];
}

static struct xnnx_graph_softmax* head_of(struct bucket* bucket)
{
  return atomic_load_explicit(&bucket->head, memory_order_acquire);
}

static void set_head(struct bucket* bucket, struct xnnx_graph_softmax* entry)
{
  atomic_store_explicit(&bucket->head, entry, memory_order_release);
}

void xnnx_operator_table_insert(struct xnnx_graph_softmax* entry)
{
  pthread_once(&buckets_once, initialize_buckets);
  struct bucket* bucket = bucket_of(entry->xnnpack_operator);
  pthread_mutex_lock(&bucket->mutex);
  entry->next = head_of(bucket);
  set_head(bucket, entry);
  pthread_mutex_unlock(&bucket->mutex);
}

struct xnnx_graph_softmax* xnnx_operator_table_find(xnn_operator_t xnnpack_operator)
{
  struct bucket* bucket = bucket_of(xnnpack_operator);
  if (head_of(bucket) == NULL) {
    return NULL;
  }
  pthread_mutex_lock(&bucket->mutex);
  struct xnnx_graph_softmax* entry = head_of(bucket);
  while (entry != NULL && entry->xnnpack_operator != xnnpack_operator) {
    entry = entry->next;
  }
  pthread_mutex_unlock(&bucket->mutex);
  return entry;
}

struct xnnx_graph_softmax* xnnx_operator_table_remove(xnn_operator_t xnnpack_operator)
{
  struct bucket* bucket = bucket_of(xnnpack_operator);
  if (head_of(bucket) == NULL) {
    return NULL;
  }
  pthread_mutex_lock(&bucket->mutex);
  struct xnnx_graph_softmax* previous = NULL;
  struct xnnx_graph_softmax* entry = head_of(bucket);
  while (entry != NULL && entry->xnnpack_operator != xnnpack_operator) {
    previous = entry;
    entry = entry->next;
  }
  if (entry != NULL && previous != NULL) {
    previous->next = entry->next;
  } else if (entry != NULL) {
    set_head(bucket, entry->next);
  }
  pthread_mutex_unlock(&bucket->mutex);
  return entry;
}
