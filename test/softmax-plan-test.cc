// How a softmax operator computes a shape, on a processor with a last-level cache of 32 MiB.

#include <cstddef>
#include <cstdint>

#include <cpuinfo.h>
#include <gtest/gtest.h>
#include <xnnpack-softmax.h>

#include "src/operators/softmax-plan.h"
#include "src/operators/softmax-row.h"
#include "src/operators/softmax-stream.h"
#include "src/xnnx/isa.h"
#include "test/processor-caches.h"

namespace {

class SoftmaxPlanTest : public testing::Test {
 protected:
  void SetUp() override {
    caches = Caches();
    ASSERT_TRUE(cpuinfo_initialize());
    ASSERT_EQ(xnnx_select_softmax_kernels("test", UINT32_C(1) << xnnx_isa_scalar, &kernels_), xnn_status_success);
  }

  struct xnnx_softmax_plan plan(size_t batch_size, size_t channels, size_t thread_count = 1, uint32_t flags = 0) const {
    const struct xnnx_softmax_shape shape = {channels, channels, channels, batch_size};
    return xnnx_plan_softmax(flags, &shape, thread_count, &kernels_);
  }

  // Tasks and what is left over: all rows, once.
  void expect_all_rows(size_t batch_size, size_t channels, size_t thread_count) const {
    const struct xnnx_softmax_plan of_shape = plan(batch_size, channels, thread_count);
    const size_t in_tasks = of_shape.task_count * of_shape.rows_per_task;
    if (channels > XNNX_CACHED_ROW_CHANNELS) {
      EXPECT_EQ(of_shape.rows_per_task, batch_size / thread_count);
      EXPECT_LT(batch_size - in_tasks, thread_count);
    } else {
      EXPECT_GE(in_tasks, batch_size);
      EXPECT_LT(in_tasks - batch_size, of_shape.rows_per_task);
    }
  }

  struct xnnx_softmax_kernels kernels_;
};

TEST_F(SoftmaxPlanTest, SmallShapesStayOnTheCallersThread) {
  EXPECT_TRUE(plan(8, 1024, 4).is_small);
  EXPECT_FALSE(plan(8193, 1, 4).is_small);
  EXPECT_FALSE(plan(2, 8192, 4).is_small);
  EXPECT_TRUE(plan(1, 32768, 4).is_small);
  EXPECT_FALSE(plan(1, 32769, 4).is_small);
  // Their rows are one task's.
  EXPECT_EQ(plan(3, 10000, 4).task_count, 1u);
  EXPECT_EQ(plan(3, 10000, 4).rows_per_task, 3u);
}

TEST_F(SoftmaxPlanTest, TasksHaveAllRows) {
  for (const size_t channels : {1, 10, 1000, 8192, 8193, 50257}) {
    for (const size_t batch_size : {1, 2, 7, 1000, 40000}) {
      for (const size_t thread_count : {1, 2, 3, 8}) {
        SCOPED_TRACE(testing::Message() << batch_size << " x " << channels << " on " << thread_count);
        if (!plan(batch_size, channels, thread_count).is_small) {
          expect_all_rows(batch_size, channels, thread_count);
        }
      }
    }
  }
}

// As many tasks as threads at least, if there are as many rows.
TEST_F(SoftmaxPlanTest, FewRowsAreForAllThreads) {
  EXPECT_EQ(plan(9, 1024, 2).rows_per_task, 5u);
  EXPECT_EQ(plan(9, 1024, 2).task_count, 2u);
  EXPECT_EQ(plan(30, 1024, 4).rows_per_task, 8u);
  EXPECT_EQ(plan(30, 1024, 4).task_count, 4u);
  EXPECT_EQ(plan(2, 8192, 4).task_count, 2u);
  EXPECT_EQ(plan(0, 1024, 4).task_count, 0u);
}

TEST_F(SoftmaxPlanTest, TasksOfShortRowsHave16384Elements) {
  EXPECT_EQ(plan(1000, 1024, 2).rows_per_task, 16u);
  EXPECT_EQ(plan(1000, 1023, 2).rows_per_task, 17u);
  EXPECT_EQ(plan(40000, 1, 2).rows_per_task, 16384u);
  EXPECT_EQ(plan(100000, 10, 2).rows_per_task, 1639u);
  // And 262144 where they come from memory.
  EXPECT_EQ(plan(100000, 1024, 2).rows_per_task, 256u);
  EXPECT_EQ(plan(100000, 399, 2).rows_per_task, 658u);
  EXPECT_EQ(plan(100000, 16, 2).rows_per_task, 16384u);
}

TEST_F(SoftmaxPlanTest, ResultsThatAreReadAgainStayInTheCaches) {
  EXPECT_TRUE(plan(100000, 1000).may_stream);
  EXPECT_FALSE(plan(100000, 1000, 1, XNNX_FLAG_KEEP_OUTPUT_IN_CACHE).may_stream);
  EXPECT_FALSE(plan(100000, 1000, 1, XNNX_FLAG_THREE_PASS_RELOAD).may_stream);
  EXPECT_FALSE(plan(1000000, 100).may_stream);  // one pass
  EXPECT_TRUE(plan(1000000, 100, 1, XNNX_FLAG_TWO_PASS).may_stream);
  EXPECT_TRUE(plan(1000000, 100, 1, XNNX_FLAG_THREE_PASS_RECOMPUTE).may_stream);
  EXPECT_FALSE(plan(4194304 / 1024, 1024).may_stream);  // fits
}

TEST_F(SoftmaxPlanTest, FromRowsOf512ChannelsOnBlocksLeavePastTheCaches) {
  EXPECT_FALSE(plan(100000, 511).may_stream);
  EXPECT_TRUE(plan(100000, 512).may_stream);
}

// Rows that wait for the next one of their task, which there must be, in a cache.
TEST_F(SoftmaxPlanTest, BlocksLeavePastTheCachesWhereTheyCanWait) {
  EXPECT_TRUE(plan(8, 1048576, 2).may_stream);
  EXPECT_FALSE(plan(8, 1048577, 2).may_stream);
  EXPECT_FALSE(plan(7, 1048576, 8).may_stream);
}

TEST_F(SoftmaxPlanTest, WorkspacesAreThoseOfLongRows) {
  EXPECT_EQ(plan(100000, 8192).workspace_count, 0u);
  EXPECT_EQ(plan(0, 8193).workspace_count, 0u);
  EXPECT_EQ(plan(100, 8193, 3).workspace_count, 3u);
  EXPECT_EQ(plan(2, 50000, 3).workspace_count, 1u);  // rows on all threads

  const struct xnnx_softmax_plan kept = plan(100, 8193, 3);
  EXPECT_EQ(kept.scratch_bytes, 0u);
  EXPECT_EQ(kept.workspace_bytes, 192u);  // 28 bytes for each of 5 blocks, in lines
  const struct xnnx_softmax_plan streamed = plan(10000, 8193, 3);
  EXPECT_EQ(streamed.scratch_bytes, xnnx_stream_scratch_elements(8193) * sizeof(float));
  EXPECT_EQ(streamed.workspace_bytes, streamed.scratch_bytes + 192u);
  EXPECT_EQ(plan(10000, 8193, 3, XNNX_FLAG_TWO_PASS).scratch_bytes, 0u);
}

TEST_F(SoftmaxPlanTest, DataAreFarBeforeTheyFillTheLastCache) {
  EXPECT_FALSE(plan(1, 1398101).is_far);
  EXPECT_TRUE(plan(1, 1398102).is_far);
}

}  // namespace
