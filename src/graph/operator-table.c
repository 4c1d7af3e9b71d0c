#include "src/graph/operator-table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define INITIAL_SLOT_COUNT_LOG2 12

static struct xnnx_operator_slot initial_slots[1u << INITIAL_SLOT_COUNT_LOG2];
static struct xnnx_operator_table initial_table = {.slot_count_log2 = INITIAL_SLOT_COUNT_LOG2, .slots = initial_slots};
_Atomic(struct xnnx_operator_table*) xnnx_operator_table = &initial_table;

// In a slot whose key was removed while keys after it were there, which readers have to pass it for.
static const char removed_key;

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

static size_t next_slot(const struct xnnx_operator_table* table, size_t slot)
{
  return (slot + 1) & (((size_t) 1 << table->slot_count_log2) - 1);
}

static size_t previous_slot(const struct xnnx_operator_table* table, size_t slot)
{
  return (slot - 1) & (((size_t) 1 << table->slot_count_log2) - 1);
}

static const void* key_of(const struct xnnx_operator_table* table, size_t slot)
{
  return atomic_load_explicit(&table->slots[slot].key, memory_order_acquire);
}

static void set_key(struct xnnx_operator_table* table, size_t slot, const void* key)
{
  atomic_store_explicit(&table->slots[slot].key, key, memory_order_release);
}

static struct xnnx_graph_softmax* softmax_of(const struct xnnx_operator_slot* slot)
{
  return atomic_load_explicit(&slot->softmax, memory_order_acquire);
}

// The slot of `key`; NULL: there is none.
static struct xnnx_operator_slot* find_slot(const struct xnnx_operator_table* table, const void* key)
{
  size_t slot = xnnx_first_operator_slot(table, key);
  for (const void* found = key_of(table, slot); found != NULL; found = key_of(table, slot)) {
    if (found == key) {
      return &table->slots[slot];
    }
    slot = next_slot(table, slot);
  }
  return NULL;
}

static void put(struct xnnx_operator_table* table, const void* key, struct xnnx_graph_softmax* softmax)
{
  size_t slot = xnnx_first_operator_slot(table, key);
  while (key_of(table, slot) != NULL && key_of(table, slot) != &removed_key) {
    slot = next_slot(table, slot);
  }
  atomic_store_explicit(&table->slots[slot].softmax, softmax, memory_order_release);
  set_key(table, slot, key);
  table->key_count++;
}

// A table of twice as many slots with the keys of `table`, which stays as it is; NULL: no memory.
static struct xnnx_operator_table* grown(struct xnnx_operator_table* table)
{
  struct xnnx_operator_table* larger = calloc(1, sizeof(*larger));
  if (larger == NULL) {
    return NULL;
  }
  larger->slot_count_log2 = table->slot_count_log2 + 1;
  larger->outgrown = table;
  larger->slots = calloc((size_t) 1 << larger->slot_count_log2, sizeof(*larger->slots));
  if (larger->slots == NULL) {
    free(larger);
    return NULL;
  }
  for (size_t slot = 0; slot >> table->slot_count_log2 == 0; slot++) {
    const void* key = key_of(table, slot);
    if (key != NULL && key != &removed_key) {
      put(larger, key, softmax_of(&table->slots[slot]));
    }
  }
  return larger;
}

bool xnnx_operator_table_insert(const void* key, struct xnnx_graph_softmax* softmax)
{
  pthread_once(&fork_handlers_once, install_fork_handlers);
  lock_for_writing();
  struct xnnx_operator_table* table = atomic_load_explicit(&xnnx_operator_table, memory_order_relaxed);
  if (table->key_count >> (table->slot_count_log2 - 2) != 0) {
    table = grown(table);
  }
  if (table != NULL) {
    put(table, key, softmax);
    atomic_store_explicit(&xnnx_operator_table, table, memory_order_release);
  }
  unlock();
  return table != NULL;
}

struct xnnx_graph_softmax* xnnx_operator_table_find(const void* key)
{
  const struct xnnx_operator_slot* slot = find_slot(atomic_load_explicit(&xnnx_operator_table, memory_order_acquire), key);
  return slot == NULL ? NULL : softmax_of(slot);
}

// Where no key follows, nobody has to pass `slot`, nor those before it whose keys were removed earlier.
static void remove_key(struct xnnx_operator_table* table, size_t slot)
{
  set_key(table, slot, &removed_key);
  if (key_of(table, next_slot(table, slot)) != NULL) {
    return;
  }
  while (key_of(table, slot) == &removed_key) {
    set_key(table, slot, NULL);
    slot = previous_slot(table, slot);
  }
}

struct xnnx_graph_softmax* xnnx_operator_table_remove(const void* key)
{
  lock_for_writing();
  struct xnnx_operator_table* table = atomic_load_explicit(&xnnx_operator_table, memory_order_relaxed);
  const struct xnnx_operator_slot* slot = find_slot(table, key);
  struct xnnx_graph_softmax* softmax = NULL;
  if (slot != NULL) {
    softmax = softmax_of(slot);
    remove_key(table, (size_t) (slot - table->slots));
    table->key_count--;
  }
  unlock();
  return softmax;
}
