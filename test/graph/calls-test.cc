// The graph layer over a stand-in for XNNPACK, of each version: what XNNPACK would be called with, what is answered, and
// which softmax runs.

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <xnnpack-softmax.h>

#include "src/graph/graph-flags.h"
#include "src/graph/operator-table.h"

extern "C" {
#include "src/graph/softmax-calls.h"
}

namespace {

// Stands for XNNPACK's operator. It runs as XNNPACK's does, through pthreadpool_parallelize_1d with a context of its own,
// and stores -2 instead of a softmax.
struct StandIn {
  size_t batch_size = 1;
  char context = 0;  // not where the operator begins, like XNNPACK's
  float* output = nullptr;
  uint32_t flags = 0;
};

struct Calls {
  int created = 0;
  int deleted = 0;
  int runs = 0;  // that computed
  bool runs_come_by = true;
  xnn_status reshape_status = xnn_status_success;
  xnn_status setup_status = xnn_status_success;
  xnn_status define_status = xnn_status_success;
  StandIn* last_created = nullptr;
  StandIn* next_place = nullptr;     // where the next one is, if not in new memory
  bool is_interrupted = false;       // by what calls pthreadpool_parallelize_1d itself
  int interruptions_passed_on = 0;
} calls;

StandIn* stand_in(xnn_operator_t op) { return reinterpret_cast<StandIn*>(op); }

xnn_status create(uint32_t flags, xnn_operator_t* op_out) {
  calls.created++;
  calls.last_created = calls.next_place != nullptr ? calls.next_place : new StandIn;
  calls.last_created->flags = flags;
  *op_out = reinterpret_cast<xnn_operator_t>(calls.last_created);
  return xnn_status_success;
}

xnn_status create_2022(size_t, size_t, size_t, uint32_t flags, xnn_operator_t* op_out) { return create(flags, op_out); }

xnn_status reshape(xnn_operator_t op, size_t, size_t, size_t, size_t batch_size, pthreadpool_t) {
  stand_in(op)->batch_size = batch_size;
  return calls.reshape_status;
}

xnn_status setup(xnn_operator_t op, const float*, float* output) {
  stand_in(op)->output = output;
  return calls.setup_status;
}

xnn_status setup_2022(xnn_operator_t op, size_t batch_size, const float* input, float* output, pthreadpool_t) {
  stand_in(op)->batch_size = batch_size;
  return setup(op, input, output);
}

void softmax_task(void*, size_t) {}

void other_task(void*, size_t) {}

// As pthreadpool_parallelize_1d does where calls of it come to us.
bool takes_call(const void* context, pthreadpool_t threadpool) {
  xnnx_graph_softmax* beside = xnnx_operator_table_find(context);
  if (xnnx_is_probing && xnnx_note_probe(softmax_task, context)) {
    return true;
  }
  if (!xnnx_is_run(beside, context)) {
    return false;
  }
  xnnx_graph_softmax_run(beside, threadpool);
  return true;
}

xnn_status run(xnn_operator_t op, pthreadpool_t threadpool) {
  StandIn* self = stand_in(op);
  if (calls.is_interrupted && xnnx_is_probing) {
    calls.interruptions_passed_on += !xnnx_note_probe(other_task, &calls);
  }
  if (self->batch_size == 0 || (calls.runs_come_by && takes_call(&self->context, threadpool))) {
    return xnn_status_success;
  }
  calls.runs++;
  self->output[0] = -2.0f;
  return xnn_status_success;
}

xnn_status destroy(xnn_operator_t op) {
  calls.deleted++;
  delete stand_in(op);
  return xnn_status_success;
}

uint32_t defined_flags;

xnn_status define(xnn_subgraph_t, uint32_t, uint32_t, uint32_t flags) {
  defined_flags = flags;
  return calls.define_status;
}

std::vector<uintptr_t> strangers_arguments;

xnn_status keep_arguments(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e) {
  strangers_arguments = {a, b, c, d, e};
  return xnn_status_success;
}

class GraphCalls : public testing::TestWithParam<int> {
 protected:
  static constexpr size_t kChannels = 3;

  void SetUp() override {
    calls = Calls();
    xnnpack_.path = "stand-in";
    if (is_2022()) {
      xnnpack_.create_softmax = reinterpret_cast<xnnx_function>(create_2022);
      xnnpack_.setup_softmax = reinterpret_cast<xnnx_function>(setup_2022);
    } else {
      xnnpack_.create_softmax = reinterpret_cast<xnnx_function>(create);
      xnnpack_.reshape_softmax = reinterpret_cast<xnnx_function>(reshape);
      xnnpack_.setup_softmax = reinterpret_cast<xnnx_function>(setup);
    }
    xnnpack_.run_operator = run;
    xnnpack_.delete_operator = destroy;
    xnnpack_.define_softmax = define;
  }

  bool is_2022() const { return GetParam() == 2022; }

  xnn_status create_softmax(uint32_t flags) {
    // What else is in the registers where XNNPACK passes two arguments.
    uintptr_t arguments[5] = {flags | uintptr_t{7} << 32, reinterpret_cast<uintptr_t>(&op_), 5, 5, 5};
    if (is_2022()) {
      const uintptr_t arguments_of_2022[5] = {
          kChannels, kChannels, kChannels, flags | uintptr_t{7} << 32, reinterpret_cast<uintptr_t>(&op_)};
      std::copy(arguments_of_2022, arguments_of_2022 + 5, arguments);
    }
    return xnnx_call_create(&xnnpack_, arguments);
  }

  xnn_status set_up(size_t batch_size) {
    output_.assign(output_.size(), -1.0f);
    if (is_2022()) {
      const uintptr_t arguments[5] = {
          reinterpret_cast<uintptr_t>(op_), batch_size, reinterpret_cast<uintptr_t>(input_.data()),
          reinterpret_cast<uintptr_t>(output_.data()), 0};
      return xnnx_call_setup(&xnnpack_, arguments);
    }
    const xnn_status status =
        xnnx_call_reshape(&xnnpack_, op_, kChannels, kChannels, kChannels, batch_size, /*threadpool=*/nullptr);
    return status != xnn_status_success ? status : set_up_tensors();
  }

  xnn_status set_up_tensors() {
    const uintptr_t arguments[5] = {
        reinterpret_cast<uintptr_t>(op_), reinterpret_cast<uintptr_t>(input_.data()),
        reinterpret_cast<uintptr_t>(output_.data()), 9, 9};
    return xnnx_call_setup(&xnnpack_, arguments);
  }

  void expect_ours_runs(size_t batch_size) {
    const int runs_before = calls.runs;
    ASSERT_EQ(output_[0], -1.0f) << "computed before the run";
    ASSERT_EQ(run(op_, nullptr), xnn_status_success);
    EXPECT_EQ(calls.runs, runs_before);
    for (size_t i = 0; i < output_.size(); i++) {
      const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
      const double expected = i < batch_size * kChannels ? std::exp(1.0 + static_cast<double>(i % kChannels)) / sum : -1.0;
      EXPECT_NEAR(output_[i], expected, 1e-6) << i;
    }
  }

  void expect_xnnpacks_runs() {
    const int runs_before = calls.runs;
    ASSERT_EQ(run(op_, nullptr), xnn_status_success);
    EXPECT_EQ(calls.runs, runs_before + 1);
    EXPECT_EQ(output_[0], -2.0f);
  }

  void delete_softmax() {
    EXPECT_EQ(xnnx_call_delete(&xnnpack_, op_), xnn_status_success);
    EXPECT_EQ(calls.deleted, calls.created);
  }

  xnnx_xnnpack xnnpack_ = {};
  xnn_operator_t op_ = nullptr;
  std::vector<float> input_ = {1.0f, 2.0f, 3.0f, 1.0f, 2.0f, 3.0f};
  std::vector<float> output_ = std::vector<float>(6);
};

TEST_P(GraphCalls, MarkedRunsOurs) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED | XNNX_FLAG_TWO_PASS | 0x10), xnn_status_success);
  EXPECT_EQ(stand_in(op_)->flags, 0x10u) << "ours are no business of XNNPACK's";
  for (const size_t batch_size : {size_t{2}, size_t{1}, size_t{2}}) {
    ASSERT_EQ(set_up(batch_size), xnn_status_success);
    expect_ours_runs(batch_size);
  }
  EXPECT_EQ(calls.runs, 0);
  delete_softmax();
}

// Without the mark our bits mean nothing: these flags would contradict each other.
TEST_P(GraphCalls, UnmarkedRunsOurs) {
  constexpr uint32_t kFlags = XNNX_FLAG_TWO_PASS | XNNX_FLAG_BLOCKED | XNNX_FLAG_XNNPACK_SOFTMAX;
  ASSERT_EQ(create_softmax(kFlags), xnn_status_success);
  EXPECT_EQ(stand_in(op_)->flags, kFlags);
  ASSERT_EQ(set_up(1), xnn_status_success);
  expect_ours_runs(1);
  delete_softmax();
}

TEST_P(GraphCalls, MarkedForXnnpackRunsXnnpacks) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED | XNNX_FLAG_XNNPACK_SOFTMAX | 0x10), xnn_status_success);
  EXPECT_EQ(stand_in(op_)->flags, 0x10u);
  ASSERT_EQ(set_up(1), xnn_status_success);
  expect_xnnpacks_runs();
  delete_softmax();
}

TEST_P(GraphCalls, BatchOfNothing) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  for (const size_t batch_size : {size_t{0}, size_t{1}, size_t{0}}) {
    ASSERT_EQ(set_up(batch_size), xnn_status_success);
    expect_ours_runs(batch_size);
  }
  delete_softmax();
}

TEST_P(GraphCalls, FailedSetupLeavesNothingReady) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(2), xnn_status_success);
  calls.setup_status = xnn_status_invalid_state;
  EXPECT_EQ(set_up(1), xnn_status_invalid_state);
  expect_xnnpacks_runs();
  calls.setup_status = xnn_status_success;
  ASSERT_EQ(set_up(1), xnn_status_success);
  expect_ours_runs(1);
  if (!is_2022()) {  // also where no reshape comes first
    calls.setup_status = xnn_status_invalid_state;
    EXPECT_EQ(set_up_tensors(), xnn_status_invalid_state);
    expect_xnnpacks_runs();
    calls.setup_status = xnn_status_success;
  }
  delete_softmax();
}

TEST_P(GraphCalls, FailedReshapeLeavesNothingReady) {
  if (is_2022()) {
    return;  // has none
  }
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(2), xnn_status_success);
  calls.reshape_status = xnn_status_invalid_parameter;
  EXPECT_EQ(set_up(1), xnn_status_invalid_parameter);
  expect_xnnpacks_runs();
  ASSERT_EQ(set_up_tensors(), xnn_status_success);
  expect_xnnpacks_runs();
  calls.reshape_status = xnn_status_success;
  ASSERT_EQ(set_up(1), xnn_status_success);
  expect_ours_runs(1);
  delete_softmax();
}

// Memory that is given back with the operators in it, and taken again.
TEST_P(GraphCalls, OneThatWasNotDeletedHasGone) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(2), xnn_status_success);
  calls.next_place = stand_in(op_);
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(1), xnn_status_success);
  expect_ours_runs(1);
  EXPECT_EQ(xnnx_call_delete(&xnnpack_, op_), xnn_status_success);
  EXPECT_EQ(xnnx_operator_table_find(op_), nullptr);
}

// A signal handler's task is its own, during a probe as well.
TEST_P(GraphCalls, ProbesNoteNothingOfOtherTasks) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  calls.is_interrupted = true;
  ASSERT_EQ(set_up(1), xnn_status_success);
  EXPECT_EQ(calls.interruptions_passed_on, 1);
  expect_ours_runs(1);
  delete_softmax();
}

pthreadpool_t last_pool;

TEST_P(GraphCalls, RunsOnThePoolThatIsGiven) {
  const std::unique_ptr<pthreadpool, decltype(&pthreadpool_destroy)> pool(pthreadpool_create(2), pthreadpool_destroy);
  constexpr size_t kBatch = 4000;
  input_.assign(kBatch * kChannels, 1.0f);
  output_.resize(kBatch * kChannels);
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(kBatch), xnn_status_success);
  for (int i = 0; i < 2; i++) {  // the first one announces itself
    last_pool = nullptr;
    ASSERT_EQ(run(op_, pool.get()), xnn_status_success);
    EXPECT_EQ(last_pool, pool.get());
  }
  delete_softmax();
}

// A program may pass an operator to a task of its own.
TEST_P(GraphCalls, AnOperatorIsNoContext) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(1), xnn_status_success);
  EXPECT_FALSE(takes_call(op_, nullptr));
  expect_ours_runs(1);
  delete_softmax();
}

// Tensors of the last shape are not those of the next.
TEST_P(GraphCalls, ReshapeAloneLeavesNothingReady) {
  if (is_2022()) {
    return;
  }
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(2), xnn_status_success);
  ASSERT_EQ(xnnx_call_reshape(&xnnpack_, op_, kChannels, kChannels, kChannels, 1, nullptr), xnn_status_success);
  expect_xnnpacks_runs();
  delete_softmax();
}

// Overlapping tensors, which ours refuses.
TEST_P(GraphCalls, RefusedTensorsAreXnnpacks) {
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  ASSERT_EQ(set_up(1), xnn_status_success);
  const uintptr_t input = reinterpret_cast<uintptr_t>(output_.data() + 1);
  const uintptr_t output = reinterpret_cast<uintptr_t>(output_.data());
  const uintptr_t op = reinterpret_cast<uintptr_t>(op_);
  const uintptr_t arguments_of_2022[5] = {op, 1, input, output, 0};
  const uintptr_t arguments[5] = {op, input, output, 0, 0};
  ASSERT_EQ(xnnx_call_setup(&xnnpack_, is_2022() ? arguments_of_2022 : arguments), xnn_status_success);
  expect_xnnpacks_runs();
  delete_softmax();
}

// An XNNPACK whose pthreadpool is its own: a probe would compute in the caller's tensors.
TEST_P(GraphCalls, RunsThatDoNotComeByAreLeftAlone) {
  calls.runs_come_by = false;
  EXPECT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_unsupported_parameter);
  EXPECT_NE(std::string(xnnx_last_error()).find("the XNNPACK in stand-in"), std::string::npos) << xnnx_last_error();
  EXPECT_EQ(calls.deleted, calls.created);
  ASSERT_EQ(create_softmax(0), xnn_status_success);
  ASSERT_EQ(set_up(1), xnn_status_success);
  EXPECT_EQ(output_[0], -1.0f);
  expect_xnnpacks_runs();
  delete_softmax();
}

// Whether runs come by is not known before a trial has run: one that lacked memory is made again.
TEST_P(GraphCalls, ATrialThatFailsIsMadeAgain) {
  calls.setup_status = xnn_status_out_of_memory;
  EXPECT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_unsupported_parameter);
  EXPECT_EQ(calls.deleted, calls.created);
  calls.setup_status = xnn_status_success;
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success) << xnnx_last_error();
  ASSERT_EQ(set_up(1), xnn_status_success);
  expect_ours_runs(1);
  delete_softmax();
}

TEST_P(GraphCalls, DefineMarks) {
  EXPECT_EQ(xnnx_call_define(&xnnpack_, nullptr, 0, 1, XNNX_FLAG_TWO_PASS), xnn_status_success);
  EXPECT_EQ(defined_flags, XNNX_GRAPH_FLAG_MARKED | XNNX_FLAG_TWO_PASS);
  EXPECT_EQ(xnnx_call_define(&xnnpack_, nullptr, 0, 1, XNNX_FLAG_XNNPACK_SOFTMAX), xnn_status_success);
  EXPECT_EQ(defined_flags, XNNX_GRAPH_FLAG_MARKED | XNNX_FLAG_XNNPACK_SOFTMAX);
  for (const uint32_t flags : {1u, XNNX_GRAPH_FLAG_MARKED, XNNX_FLAG_XNNPACK_SOFTMAX | XNNX_FLAG_TWO_PASS}) {
    EXPECT_EQ(xnnx_call_define(&xnnpack_, nullptr, 0, 1, flags), xnn_status_invalid_parameter) << flags;
  }
  calls.define_status = xnn_status_invalid_state;
  EXPECT_EQ(xnnx_call_define(&xnnpack_, nullptr, 7, 8, 0), xnn_status_invalid_state);
  EXPECT_NE(std::string(xnnx_last_error()).find("input 7 and output 8"), std::string::npos) << xnnx_last_error();
}

// Something that has XNNPACK's names, but no graphs.
TEST_P(GraphCalls, StrangersGetWhatTheyPassed) {
  xnnpack_.define_softmax = nullptr;
  ASSERT_EQ(create_softmax(XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  EXPECT_EQ(stand_in(op_)->flags, XNNX_GRAPH_FLAG_MARKED);
  delete_softmax();
  xnnpack_.create_softmax = xnnpack_.setup_softmax = reinterpret_cast<xnnx_function>(keep_arguments);
  for (const auto call : {xnnx_call_create, xnnx_call_setup}) {
    const std::vector<uintptr_t> arguments = {1, 2, 3, 4, reinterpret_cast<uintptr_t>(&op_)};
    EXPECT_EQ(call(&xnnpack_, arguments.data()), xnn_status_success);
    EXPECT_EQ(strangers_arguments, arguments);
    strangers_arguments.clear();
  }
}

TEST_P(GraphCalls, WithoutXnnpackFails) {
  const uintptr_t arguments[5] = {};
  EXPECT_EQ(xnnx_call_create(nullptr, arguments), xnn_status_uninitialized);
  EXPECT_EQ(xnnx_call_setup(nullptr, arguments), xnn_status_uninitialized);
  EXPECT_EQ(xnnx_call_delete(nullptr, nullptr), xnn_status_uninitialized);
  EXPECT_EQ(xnnx_call_define(nullptr, nullptr, 0, 1, 0), xnn_status_uninitialized);
}

INSTANTIATE_TEST_SUITE_P(
    All, GraphCalls, testing::Values(2022, 2023),
    [](const testing::TestParamInfo<int>& info) { return std::to_string(info.param); });

}  // namespace

// Ours is called with the program's.
extern "C" void pthreadpool_parallelize_1d(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags) {
  using Function = void (*)(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthreadpool_parallelize_1d"));
  last_pool = threadpool;
  real(threadpool, task, context, range, flags);
}
