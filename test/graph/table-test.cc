// The table from XNNPACK's operators to ours.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "src/graph/operator-table.h"
#include "test/failing-allocations.h"

namespace {

// The table looks at keys, never at what they point to.
const void* key_of(uintptr_t number) {
  return reinterpret_cast<const void*>(number * 64);
}

xnnx_graph_softmax* new_entry() {
  return static_cast<xnnx_graph_softmax*>(std::calloc(1, sizeof(xnnx_graph_softmax)));
}

TEST(GraphTable, IsEmptyAtFirst) {
  EXPECT_EQ(xnnx_operator_table_find(nullptr), nullptr);
  EXPECT_EQ(xnnx_operator_table_find(key_of(1)), nullptr);
  EXPECT_EQ(xnnx_operator_table_remove(key_of(1)), nullptr);
}

TEST(GraphTable, FindsWhatWasInserted) {
  xnnx_graph_softmax* entry = new_entry();
  ASSERT_TRUE(xnnx_operator_table_insert(key_of(1), entry));
  EXPECT_EQ(xnnx_operator_table_find(key_of(1)), entry);
  EXPECT_EQ(xnnx_operator_table_find(key_of(2)), nullptr);
  EXPECT_EQ(xnnx_operator_table_remove(key_of(2)), nullptr);
  EXPECT_EQ(xnnx_operator_table_remove(key_of(1)), entry);
  EXPECT_EQ(xnnx_operator_table_find(key_of(1)), nullptr);
  EXPECT_EQ(xnnx_operator_table_remove(key_of(1)), nullptr);
  std::free(entry);
}

// Keys that come and go beside others that stay, each at an address of its own, as under an allocator that waits before it
// uses memory again. Before the table has ever held many.
TEST(GraphTable, NewKeysForEver) {
  constexpr uintptr_t kLasting = 500;
  std::vector<xnnx_graph_softmax*> lasting;
  for (uintptr_t i = 0; i < kLasting; i++) {
    lasting.push_back(new_entry());
    ASSERT_TRUE(xnnx_operator_table_insert(key_of(i + 1), lasting.back()));
  }
  xnnx_graph_softmax* entry = new_entry();
  for (uintptr_t key = kLasting + 1; key < 2000000; key++) {
    ASSERT_TRUE(xnnx_operator_table_insert(key_of(key), entry));
    ASSERT_EQ(xnnx_operator_table_remove(key_of(key)), entry);
    ASSERT_EQ(xnnx_operator_table_find(key_of(key)), nullptr);
  }
  for (uintptr_t i = 0; i < kLasting; i++) {
    EXPECT_EQ(xnnx_operator_table_remove(key_of(i + 1)), lasting[i]);
    std::free(lasting[i]);
  }
  std::free(entry);
}

// Far more entries than buckets; removed first to last, last to first, from within.
TEST(GraphTable, KeepsManyApart) {
  constexpr uintptr_t kEntries = 20000;
  for (const uintptr_t step : {uintptr_t{1}, kEntries - 1, uintptr_t{7919}}) {
    std::vector<xnnx_graph_softmax*> entries;
    for (uintptr_t i = 0; i < kEntries; i++) {
      entries.push_back(new_entry());
      ASSERT_TRUE(xnnx_operator_table_insert(key_of(i + 1), entries.back()));
    }
    for (uintptr_t i = 0; i < kEntries; i++) {
      ASSERT_EQ(xnnx_operator_table_find(key_of(i + 1)), entries[i]);
    }
    uintptr_t victim = 0;
    for (uintptr_t i = 0; i < kEntries; i++) {
      victim = (victim + step) % kEntries;
      ASSERT_EQ(xnnx_operator_table_remove(key_of(victim + 1)), entries[victim]);
      std::free(entries[victim]);
      ASSERT_EQ(xnnx_operator_table_find(key_of(victim + 1)), nullptr);
      const uintptr_t survivor = (victim + step) % kEntries;
      if (i + 1 < kEntries) {
        ASSERT_EQ(xnnx_operator_table_find(key_of(survivor + 1)), entries[survivor]);
      }
    }
  }
}

// Writers come and go beside them while readers look up entries that stay and keys that never were. Nothing but
// the table orders the threads, so that ThreadSanitizer sees what the table leaves unordered: each counts for itself.
TEST(GraphTable, ManyThreads) {
  constexpr uintptr_t kLasting = 3000;
  constexpr uintptr_t kWriters = 4;
  std::vector<xnnx_graph_softmax*> lasting;
  for (uintptr_t i = 0; i < kLasting; i++) {
    lasting.push_back(new_entry());
    ASSERT_TRUE(xnnx_operator_table_insert(key_of(i + 1), lasting.back()));
  }
  std::atomic<bool> stop{false};
  std::atomic<size_t> mistakes{0};
  std::atomic<size_t> lookups{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; reader++) {
    readers.emplace_back([&] {
      size_t reader_mistakes = 0;
      size_t reader_lookups = 0;
      for (uintptr_t i = 0; !stop.load(std::memory_order_relaxed); i++) {
        reader_mistakes += xnnx_operator_table_find(key_of(i % kLasting + 1)) != lasting[i % kLasting];
        reader_mistakes += xnnx_operator_table_find(key_of(1000000 + i % kLasting)) != nullptr;
        reader_lookups++;
      }
      mistakes += reader_mistakes;
      lookups += reader_lookups;
    });
  }
  std::vector<std::thread> writers;
  for (uintptr_t writer = 1; writer <= kWriters; writer++) {
    writers.emplace_back([&, writer] {
      size_t writer_mistakes = 0;
      for (uintptr_t i = 0; i < 50000; i++) {
        const void* key = key_of(writer * 100000 + i % 5000);
        xnnx_graph_softmax* entry = new_entry();
        writer_mistakes += !xnnx_operator_table_insert(key, entry);
        writer_mistakes += xnnx_operator_table_find(key) != entry;
        writer_mistakes += xnnx_operator_table_remove(key) != entry;
        std::free(entry);
      }
      mistakes += writer_mistakes;
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  stop = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(mistakes, 0u);
  EXPECT_GT(lookups, 0u);
  for (uintptr_t i = 0; i < kLasting; i++) {
    EXPECT_EQ(xnnx_operator_table_remove(key_of(i + 1)), lasting[i]);
    std::free(lasting[i]);
  }
}

TEST(GraphTable, AllocatesNothingForFewAtATime) {
  xnnx_graph_softmax* entry = new_entry();
  const Allocations allocations = allocations_of([&] {
    for (uintptr_t i = 0; i < 1000000; i++) {
      ASSERT_TRUE(xnnx_operator_table_insert(key_of(i + 1), entry));
      ASSERT_EQ(xnnx_operator_table_remove(key_of(i + 1)), entry);
    }
  });
  EXPECT_EQ(allocations.count, 0u);
  std::free(entry);
}

}  // namespace
