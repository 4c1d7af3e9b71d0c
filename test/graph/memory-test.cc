// The memory of the graph layer: none of it lost, and what happens when there is none.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/graph/graph-flags.h"
#include "test/failing-allocations.h"
#include "test/graph/fixture.h"
#include "test/peers/xnnpack-operator.h"

namespace {

constexpr size_t kChannels = 8200;  // more than one block, so that a shape needs memory
constexpr size_t kBatch = 9;         // enough for several threads

// XNNPACK's own allocations are made here, so that they are counted and may fail. XNNPACK of February 2022 crashes
// where one fails while it makes a runtime, so in graphs it gets a second chance.
bool xnnpack_has_second_chance = false;
size_t failures_in_xnnpack;

template <typename Allocate>
void* allocate_for_xnnpack(const Allocate& allocate) {
  void* pointer = allocate();
  if (pointer == nullptr && xnnpack_has_second_chance) {
    pointer = allocate();
  }
  failures_in_xnnpack += pointer == nullptr;
  return pointer;
}

const xnn_allocator kAllocator = {
    /*context=*/nullptr,
    [](void*, size_t size) { return allocate_for_xnnpack([=] { return std::malloc(size); }); },
    [](void*, void* pointer, size_t size) {
      return allocate_for_xnnpack([=] { return std::realloc(pointer, size); });
    },
    [](void*, void* pointer) { std::free(pointer); },
    [](void*, size_t alignment, size_t size) {
      const size_t whole_size = (size + alignment - 1) / alignment * alignment;
      return allocate_for_xnnpack([=] { return std::aligned_alloc(alignment, whole_size); });
    },
    [](void*, void* pointer) { std::free(pointer); },
};

class GraphMemory : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(xnn_initialize(&kAllocator), xnn_status_success);
    create_without_memory();  // the first call of all
    SoftmaxGraph(1, {{Node::kOurs, 1}}).create_run_and_check();  // lets cpuinfo look at the processor
  }

  static void create_without_memory() {
    const FailingAllocations failing(1, 1);
    XnnpackSoftmax softmax;
    EXPECT_EQ(softmax.create(10, 10, 10, XNNX_GRAPH_FLAG_MARKED), xnn_status_out_of_memory);
    EXPECT_TRUE(failing.have_occurred());
  }

  static XnnpackSoftmax create_marked() {
    XnnpackSoftmax softmax;
    EXPECT_EQ(softmax.create(kChannels, kChannels, kChannels, XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
    return softmax;
  }
};

TEST_F(GraphMemory, AMillionOperatorsLeaveNothingBehind) {
  const Allocations allocations = allocations_of([] {
    for (int i = 0; i < 1000000; i++) {
      EXPECT_EQ(create_marked().destroy(), xnn_status_success);
    }
  });
  EXPECT_GE(allocations.count, 3000000u);  // XNNPACK's operator, ours, and what connects them
  EXPECT_EQ(allocations.live, 0);
}

// The table of operators allocates, last of all, once it has more than it begins with.
TEST_F(GraphMemory, AFullTableWithoutMemoryLeavesNothingBehind) {
  std::vector<XnnpackSoftmax> others;
  const size_t usual_count = allocations_of([&] { others.push_back(create_marked()); }).count;
  others.reserve(70000);  // more than there are lists
  while (others.size() < others.capacity()) {
    others.push_back(create_marked());
  }
  bool has_failed = false;
  for (int trial = 0; trial < 1000 && !has_failed; trial++) {
    XnnpackSoftmax softmax;
    const Allocations allocations = allocations_of([&] {
      const FailingAllocations failing(usual_count + 1, 1);
      const xnn_status status = softmax.create(kChannels, kChannels, kChannels, XNNX_GRAPH_FLAG_MARKED);
      has_failed = failing.have_occurred();
      EXPECT_EQ(status, has_failed ? xnn_status_out_of_memory : xnn_status_success);
    });
    if (has_failed) {
      EXPECT_EQ(allocations.live, 0);
      EXPECT_EQ(std::string(xnnx_last_error()), "xnn_create_softmax_nc_f32: no memory for the table of operators");
    } else {
      others.push_back(softmax);
    }
  }
  EXPECT_TRUE(has_failed);
  for (XnnpackSoftmax& softmax : others) {
    EXPECT_EQ(softmax.destroy(), xnn_status_success);
  }
}

TEST_F(GraphMemory, FailureOfOursLeavesNothingBehind) {
  ASSERT_EQ(setenv("XNNX_MAX_ISA", "abacus", /*overwrite=*/1), 0);
  const Allocations allocations = allocations_of([] {
    XnnpackSoftmax softmax;
    EXPECT_EQ(softmax.create(10, 10, 10, XNNX_GRAPH_FLAG_MARKED), xnn_status_invalid_parameter);
    EXPECT_EQ(softmax.get(), nullptr);
  });
  EXPECT_GE(allocations.count, 1u);
  EXPECT_EQ(allocations.live, 0);
  ASSERT_EQ(unsetenv("XNNX_MAX_ISA"), 0);
}

// Partial results of one row for every thread: that is how the number of threads shows.
TEST_F(GraphMemory, SetupAllocatesForANewBatchOrNumberOfThreads) {
  const Floats input = random_floats(kBatch * kChannels + kExtraFloats, 1);
  Floats output(input.size());
  const pthreadpool_t pool = pthreadpool_create(3);
  XnnpackSoftmax softmax = create_marked();
  const auto setup = [&](size_t batch_size, pthreadpool_t threadpool) {
    return allocations_of([&] {
      EXPECT_EQ(softmax.set_up(batch_size, input.data(), output.data(), threadpool), xnn_status_success);
    });
  };
  const Allocations one_thread = setup(kBatch, nullptr);
  EXPECT_EQ(one_thread.count, 1u);
  EXPECT_EQ(setup(kBatch, nullptr).count, 0u);
  const Allocations three_threads = setup(kBatch, pool);
  EXPECT_EQ(three_threads.bytes, 3 * one_thread.bytes);
  EXPECT_EQ(setup(kBatch, pool).count, 0u);
  EXPECT_EQ(setup(1, pool).bytes, one_thread.bytes);
  EXPECT_EQ(setup(kBatch, nullptr).count, 1u);
  EXPECT_EQ(softmax.destroy(), xnn_status_success);
  pthreadpool_destroy(pool);
}

// Success, or no memory, about which ours says a sentence.
bool succeeds(xnn_status status) {
  EXPECT_TRUE(status == xnn_status_success || status == xnn_status_out_of_memory) << status;
  if (status == xnn_status_out_of_memory && failures_in_xnnpack == 0) {
    EXPECT_NE(std::string(xnnx_last_error()).find(": no memory for "), std::string::npos) << xnnx_last_error();
  }
  return status == xnn_status_success;
}

struct Tensors {
  Floats input = random_floats(kBatch * kChannels + kExtraFloats, 1);
  Floats output = Floats(input.size());

  void check_output(Node node) const { expect_softmaxes(node, output.data(), input.data(), kBatch, kChannels); }
};

// Without memory for ours, set-up succeeds all the same: XNNPACK's softmax takes over, until the next set-up.
void use_operator(pthreadpool_t threadpool) {
  Tensors tensors;
  XnnpackSoftmax softmax;
  const auto create = [&] { return softmax.create(kChannels, kChannels, kChannels, XNNX_GRAPH_FLAG_MARKED); };
  if (!succeeds(create())) {
    ASSERT_EQ(softmax.get(), nullptr);
    if (!succeeds(create())) {
      return;
    }
  }
  for (const size_t batch_size : {size_t{1}, kBatch, kBatch}) {
    tensors.output.assign(tensors.output.size(), -1.0f);
    ASSERT_EQ(
        softmax.set_up(batch_size, tensors.input.data(), tensors.output.data(), threadpool), xnn_status_success);
    ASSERT_EQ(softmax.run(threadpool), xnn_status_success);
  }
  tensors.check_output(Node::kXnnpacks);
  EXPECT_EQ(softmax.destroy(), xnn_status_success);
}

void use_graph(pthreadpool_t threadpool) {
  SoftmaxGraph graph(kBatch, {{Node::kOurs, kChannels}});
  graph.allow_xnnpacks();
  if (!succeeds(graph.create_runtime(threadpool))) {
    ASSERT_EQ(graph.runtime(), nullptr);
    ASSERT_EQ(graph.create_runtime(threadpool), xnn_status_success);
  }
  for (int setup = 0; setup < 2; setup++) {
    graph.set_up_runtime();
    graph.invoke_and_check();
  }
}

TEST_F(GraphMemory, SetupWithoutMemoryLeavesTheRunToXnnpack) {
  Tensors tensors;
  XnnpackSoftmax softmax = create_marked();
  for (const bool has_memory : {false, true}) {
    tensors.output.assign(tensors.output.size(), -1.0f);
    {
      const FailingAllocations failing(1, has_memory ? 0 : SIZE_MAX);
      ASSERT_EQ(
          softmax.set_up(kBatch, tensors.input.data(), tensors.output.data(), nullptr), xnn_status_success);
    }
    if (!has_memory) {
      EXPECT_EQ(std::string(xnnx_last_error()).rfind("xnnx_reshape_softmax_nc_f32: no memory for ", 0), 0u);
    }
    in_fresh_thread([&] {
      ASSERT_EQ(softmax.run(nullptr), xnn_status_success);
      if (has_memory) {
        expect_ours_ran(kBatch, kChannels);
      } else {
        expect_ours_did_not_run();
      }
    });
    tensors.check_output(has_memory ? Node::kOurs : Node::kXnnpacks);
  }
  EXPECT_EQ(softmax.destroy(), xnn_status_success);
}

// Fails `failures` allocations of `use` from each of its allocations on.
void fail_every_allocation(void (*use)(pthreadpool_t threadpool), size_t failures) {
  const pthreadpool_t pool = pthreadpool_create(3);
  for (const pthreadpool_t threadpool : {pthreadpool_t{nullptr}, pool}) {
    bool has_failed = true;
    size_t first = 0;
    while (has_failed) {
      first++;
      const Allocations allocations = allocations_of([&] {
        failures_in_xnnpack = 0;
        const FailingAllocations failing(first, failures);
        use(threadpool);
        has_failed = failing.have_occurred();
      });
      ASSERT_EQ(allocations.live, 0) << "after failure of allocation " << first;
      ASSERT_FALSE(testing::Test::HasFailure()) << "at failure of allocation " << first;
    }
    EXPECT_GE(first, 5u) << "two operators, what connects them, and two shapes need memory";
  }
  pthreadpool_destroy(pool);
}

TEST_F(GraphMemory, EveryAllocationOfAnOperatorMayFail) {
  for (const size_t failures : {size_t{1}, size_t{2}, SIZE_MAX}) {
    fail_every_allocation(use_operator, failures);
  }
}

TEST_F(GraphMemory, EveryAllocationOfOursInAGraphMayFail) {
  xnnpack_has_second_chance = true;
  fail_every_allocation(use_graph, 1);
  xnnpack_has_second_chance = false;
}

}  // namespace
