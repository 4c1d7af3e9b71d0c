// Our softmax inside XNNPACK graphs, in a program that links the graph layer.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/graph/graph-flags.h"
#include "test/accuracy/algorithm.h"
#include "test/graph/fixture.h"
#include "test/peers/xnnpack-operator.h"

namespace {

TEST(Graph, MarkedNodeRunsOurs) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kOurs, 10}});
    graph.create_run_and_check();
    expect_ours_ran(4, 10);
  });
}

TEST(Graph, UnmarkedNodeRunsOurs) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kUnmarked, 10}});
    graph.create_run_and_check();
    expect_ours_ran(4, 10);
  });
}

// Without the mark our bits mean nothing: these would contradict each other.
TEST(Graph, UnmarkedNodeWithOurFlagsRunsOurs) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kUnmarked, 10, XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RELOAD}});
    graph.create_run_and_check();
    expect_ours_ran(4, 10);
  });
}

TEST(Graph, NodeMarkedForXnnpackRunsXnnpacks) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kXnnpacks, 10}});
    graph.create_run_and_check();
    expect_ours_did_not_run();
  });
}

TEST(Graph, SeveralSoftmaxNodes) {
  const Softmax ours_10 = {Node::kOurs, 10};
  const Softmax ours_33 = {Node::kOurs, 33, XNNX_FLAG_TWO_PASS};
  const Softmax xnnpacks_500 = {Node::kXnnpacks, 500};
  const std::vector<std::vector<Softmax>> graphs_that_end_with_10 = {
      {ours_33, ours_10}, {ours_10, xnnpacks_500}, {xnnpacks_500, ours_10}, {ours_33, xnnpacks_500, ours_10}};
  for (const std::vector<Softmax>& softmaxes : graphs_that_end_with_10) {
    in_fresh_thread([&] {
      SoftmaxGraph graph(3, softmaxes);
      graph.create_run_and_check();
      expect_ours_ran(3, 10);
    });
  }
  in_fresh_thread([&] {
    SoftmaxGraph graph(3, {ours_10, xnnpacks_500, ours_33});
    graph.create_run_and_check();
    expect_ours_ran(3, 33);
  });
}

TEST(Graph, SeveralRuntimes) {
  SoftmaxGraph ours(2, {{Node::kOurs, 100}}, /*seed=*/1);
  SoftmaxGraph ours_too(3, {{Node::kOurs, 1000}}, /*seed=*/2);
  SoftmaxGraph xnnpacks(4, {{Node::kXnnpacks, 1000}}, /*seed=*/3);
  ours.create_run_and_check();
  ours_too.create_run_and_check();
  xnnpacks.create_run_and_check();
  for (int repeat = 0; repeat < 3; repeat++) {
    ours.invoke_and_check();
    expect_ours_ran(2, 100);
    ours_too.invoke_and_check();
    expect_ours_ran(3, 1000);
    in_fresh_thread([&] {
      xnnpacks.invoke_and_check();
      expect_ours_did_not_run();
    });
  }
  ours.delete_runtime();
  ours_too.invoke_and_check();
  expect_ours_ran(3, 1000);
}

TEST(Graph, OneSubgraphManyRuntimes) {
  SoftmaxGraph graph(2, {{Node::kOurs, 100}});
  for (int repeat = 0; repeat < 100; repeat++) {
    graph.create_run_and_check();
    graph.delete_runtime();
  }
}

TEST(Graph, NewTensorsAtEverySetup) {
  SoftmaxGraph graph(2, {{Node::kOurs, 100}});
  graph.create_run_and_check();
  for (uint32_t seed = 10; seed < 15; seed++) {
    Floats new_input = random_floats(graph.input(0).size(), seed);
    Floats new_output(graph.output(0).size());
    graph.input(0).swap(new_input);
    graph.output(0).swap(new_output);
    graph.set_up_runtime();
    graph.invoke_and_check();
    expect_ours_ran(2, 100);
  }
}

TEST(Graph, RunsOnThreadpools) {
  for (size_t thread_count = 1; thread_count <= 4; thread_count++) {
    pthreadpool_t threadpool = pthreadpool_create(thread_count);
    in_fresh_thread([&] {
      SoftmaxGraph graph(64, {{Node::kOurs, 1000}, {Node::kXnnpacks, 1000}});
      graph.create_run_and_check(threadpool);
      expect_ours_ran(64, 1000);
    });
    pthreadpool_destroy(threadpool);
  }
}

// XNNPACK puts this flag on the last node of the graph, beside ours.
TEST(Graph, XnnpacksNodeFlagsAreNoObstacle) {
  pthreadpool_t threadpool = pthreadpool_create(2);
  in_fresh_thread([&] {
    SoftmaxGraph graph(4, {{Node::kOurs, 10, XNNX_FLAG_TWO_PASS}});
    graph.create_run_and_check(threadpool, XNN_FLAG_YIELD_WORKERS);
    expect_ours_ran(4, 10);
  });
  pthreadpool_destroy(threadpool);
}

TEST(Graph, FlagsReachTheOperator) {
  for (const xnnx_accuracy::Algorithm& algorithm : xnnx_accuracy::kAlgorithms) {
    if (algorithm.flags == 0) {
      continue;
    }
    SoftmaxGraph graph(4, {{Node::kOurs, 10, algorithm.flags | XNNX_FLAG_KEEP_OUTPUT_IN_CACHE}});
    graph.create_run_and_check();
    EXPECT_NE(std::string(xnnx_describe_last_run()).find(algorithm.name), std::string::npos)
        << xnnx_describe_last_run();
  }
}

TEST(Graph, FullyMaskedRows) {
  for (const uint32_t flags : {0u, XNNX_FLAG_ZERO_FULLY_MASKED_ROWS}) {
    SoftmaxGraph graph(1, {{Node::kOurs, 10, flags}});
    graph.input(0).assign(graph.input(0).size(), -std::numeric_limits<float>::infinity());
    ASSERT_EQ(graph.create_runtime(), xnn_status_success);
    graph.set_up_runtime();
    ASSERT_EQ(xnn_invoke_runtime(graph.runtime()), xnn_status_success);
    for (size_t i = 0; i < 10; i++) {
      if (flags == 0) {
        EXPECT_TRUE(std::isnan(graph.output(0)[i]));
      } else {
        EXPECT_EQ(graph.output(0)[i], 0.0f);
      }
    }
  }
}

TEST(Graph, RefusesInvalidFlags) {
  const SoftmaxGraph graph(4, {{Node::kXnnpacks, 10}});
  const std::vector<uint32_t> invalid_flags = {
      XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RELOAD,
      XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE,
      XNNX_FLAG_THREE_PASS_RELOAD | XNNX_FLAG_THREE_PASS_RECOMPUTE,
      XNNX_FLAG_XNNPACK_SOFTMAX | XNNX_FLAG_TWO_PASS,
      XNNX_GRAPH_FLAG_MARKED,
      0x1u};
  for (const uint32_t flags : invalid_flags) {
    std::thread([&] {
      EXPECT_EQ(xnnx_define_softmax(graph.subgraph(), 0, 1, flags), xnn_status_invalid_parameter) << flags;
      EXPECT_NE(std::string(xnnx_last_error()).find("xnnx_define_softmax"), std::string::npos) << xnnx_last_error();
    }).join();
  }
  EXPECT_EQ(xnnx_define_softmax(graph.subgraph(), 7, 1, 0), xnn_status_invalid_parameter);  // XNNPACK's own check
  EXPECT_EQ(std::string(xnnx_last_error()).rfind("xnnx_define_softmax: XNNPACK", 0), 0u) << xnnx_last_error();
  EXPECT_EQ(xnnx_define_softmax(graph.subgraph(), 0, 1, 0), xnn_status_success);
}

TEST(Graph, FailureOfOursFailsTheRuntimeOfAMarkedNode) {
  ASSERT_EQ(setenv("XNNX_MAX_ISA", "abacus", /*overwrite=*/1), 0);
  SoftmaxGraph ours(4, {{Node::kOurs, 10}});
  EXPECT_EQ(ours.create_runtime(), xnn_status_invalid_parameter);
  EXPECT_EQ(ours.runtime(), nullptr);
  EXPECT_NE(std::string(xnnx_last_error()).find("abacus"), std::string::npos) << xnnx_last_error();
  in_fresh_thread([] {
    SoftmaxGraph unmarked(4, {{Node::kUnmarked, 10}});
    ASSERT_EQ(unmarked.create_runtime(), xnn_status_success);
    unmarked.set_up_runtime();
    unmarked.allow_xnnpacks();
    unmarked.invoke_and_check();
    expect_ours_did_not_run();
  });
  ASSERT_EQ(unsetenv("XNNX_MAX_ISA"), 0);
  ours.create_run_and_check();
}

// The environment is read once, so these need a process of their own.
TEST(GraphDeathTest, DisableMakesMarkedNodesXnnpacks) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto run_disabled = [](const char* value, bool expect_ours) {
    setenv("XNNX_DISABLE", value, /*overwrite=*/1);
    SoftmaxGraph graph(4, {{Node::kOurs, 10, XNNX_FLAG_TWO_PASS}});
    if (!expect_ours) {
      graph.allow_xnnpacks();
    }
    graph.create_run_and_check();
    const bool ours_ran = std::strcmp(xnnx_describe_last_run(), kNothingHasRun) != 0;
    std::exit(ours_ran == expect_ours && !testing::Test::HasFailure() ? 0 : 1);
  };
  EXPECT_EXIT(run_disabled("1", /*expect_ours=*/false), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(run_disabled("0", /*expect_ours=*/true), testing::ExitedWithCode(0), "");
}

TEST(GraphDeathTest, VerboseTellsEveryNewShape) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto run_verbose = [] {
    setenv("XNNX_VERBOSE", "1", /*overwrite=*/1);
    SoftmaxGraph graph(4, {{Node::kOurs, 10}});
    graph.create_run_and_check();
    graph.set_up_runtime();
    graph.invoke_and_check();
    Floats tensor(5 * 10 + kExtraFloats);
    XnnpackSoftmax softmax;
    softmax.create(10, 10, 10, XNNX_GRAPH_FLAG_MARKED);
    for (const size_t batch_size : {3, 5, 5}) {
      softmax.set_up(batch_size, tensor.data(), tensor.data(), nullptr);
      softmax.run(nullptr);
    }
    softmax.destroy();
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(
      run_verbose(), testing::ExitedWithCode(0),
      "^xnnpack-softmax: softmax 4 x 10: [^\n]*\n"
      "xnnpack-softmax: softmax 3 x 10: [^\n]*\n"
      "xnnpack-softmax: softmax 5 x 10: [^\n]*\n$");
}

// Operators without a graph: XNNPACK's operator functions with a marked operator. This is how the batch changes, since
// a runtime of this XNNPACK keeps its batch.
class MarkedOperator : public testing::Test {
 protected:
  static constexpr size_t kChannels = 10;
  static constexpr size_t kInputStride = 12;
  static constexpr size_t kOutputStride = 15;
  static constexpr size_t kMostRows = 9;

  void SetUp() override {
    ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
    ASSERT_EQ(
        softmax_.create(kChannels, kInputStride, kOutputStride, XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
    ASSERT_NE(softmax_.get(), nullptr);
  }

  void TearDown() override { EXPECT_EQ(softmax_.destroy(), xnn_status_success); }

  // Checks the rows of the batch, and that nothing else in `output_` was written.
  void check_output(size_t batch_size) {
    for (size_t row = 0; row < kMostRows; row++) {
      const float* input_row = &input_[row * kInputStride];
      const float* output_row = &output_[row * kOutputStride];
      const size_t written = row < batch_size ? kChannels : 0;
      if (written != 0) {
        expect_softmaxes(Node::kOurs, output_row, input_row, /*batch_size=*/1, kChannels);
      }
      for (size_t i = written; i < kOutputStride; i++) {
        ASSERT_EQ(output_row[i], -1.0f) << "row " << row << " element " << i;
      }
    }
  }

  XnnpackSoftmax softmax_;
  Floats input_ = random_floats(kMostRows * kInputStride + kExtraFloats, 1);
  Floats output_ = Floats(kMostRows * kOutputStride + kExtraFloats, -1.0f);
};

TEST_F(MarkedOperator, ChangesItsBatch) {
  pthreadpool_t threadpool = pthreadpool_create(2);
  for (const pthreadpool_t pool : {pthreadpool_t{nullptr}, threadpool}) {
    for (const size_t batch_size : {size_t{3}, kMostRows, size_t{1}, size_t{3}, size_t{3}}) {
      output_.assign(output_.size(), -1.0f);
      ASSERT_EQ(softmax_.set_up(batch_size, input_.data(), output_.data(), pool), xnn_status_success);
      ASSERT_EQ(softmax_.run(pool), xnn_status_success);
      check_output(batch_size);
      expect_ours_ran(batch_size, kChannels);
    }
  }
  pthreadpool_destroy(threadpool);
}

TEST_F(MarkedOperator, BatchOfNothing) {
  for (const size_t batch_size : {size_t{0}, size_t{2}, size_t{0}}) {
    output_.assign(output_.size(), -1.0f);
    ASSERT_EQ(softmax_.set_up(batch_size, input_.data(), output_.data(), nullptr), xnn_status_success);
    ASSERT_EQ(softmax_.run(nullptr), xnn_status_success);
    check_output(batch_size);
  }
  ASSERT_EQ(softmax_.set_up(0, nullptr, nullptr, nullptr), xnn_status_success);
  ASSERT_EQ(softmax_.run(nullptr), xnn_status_success);
}

TEST_F(MarkedOperator, RunBeforeSetupIsXnnpacksError) {
  EXPECT_EQ(softmax_.run(nullptr), xnn_status_invalid_state);
}

// Output that overlaps the input one float lower: ours refuses, XNNPACK's does it.
TEST_F(MarkedOperator, LeavesToXnnpackWhatOursRefuses) {
  in_fresh_thread([&] {
    const Floats row(input_.begin() + 1, input_.begin() + 1 + kChannels);
    ASSERT_EQ(softmax_.set_up(1, input_.data() + 1, input_.data(), nullptr), xnn_status_success);
    ASSERT_EQ(softmax_.run(nullptr), xnn_status_success);
    expect_ours_did_not_run();
    expect_softmaxes(Node::kXnnpacks, input_.data(), row.data(), /*batch_size=*/1, kChannels);

    ASSERT_EQ(softmax_.set_up(1, input_.data(), output_.data(), nullptr), xnn_status_success);
    ASSERT_EQ(softmax_.run(nullptr), xnn_status_success);
    expect_ours_ran(1, kChannels);
    check_output(1);
  });
}

TEST(GraphOperators, XnnpackChecksItsOwnArguments) {
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  float values[4 + kExtraFloats] = {};
  for (const auto& [channels, input_stride] : {std::pair(0, 1), std::pair(2, 1)}) {
    XnnpackSoftmax softmax;
    xnn_status status = softmax.create(channels, input_stride, /*output_stride=*/2, XNNX_GRAPH_FLAG_MARKED);
    if (status == xnn_status_success) {
      status = softmax.set_up(1, values, values, nullptr);
      softmax.destroy();
    }
    EXPECT_EQ(status, xnn_status_invalid_parameter) << channels;
  }
  EXPECT_EQ(xnn_delete_operator(nullptr), xnn_status_invalid_parameter);

  xnn_operator_t copy = nullptr;
  ASSERT_EQ(create_xnnpack_operator(xnn_create_copy_nc_x32, 4, 4, 4, 0, &copy), xnn_status_success);
  EXPECT_NE(XnnpackSoftmax(copy).set_up(1, values, values, nullptr), xnn_status_success);
  EXPECT_EQ(xnn_delete_operator(copy), xnn_status_success);
}

#ifdef XNN_FLAG_BASIC_PROFILING  // XNNPACKs of 2022 have neither this nor reshaping
TEST(GraphSince2023, ReshapesBetweenInvocations) {
  constexpr size_t kChannels = 30;
  SoftmaxGraph graph(4, {{Node::kOurs, kChannels}, {Node::kUnmarked, kChannels}});
  graph.create_run_and_check();
  for (const size_t batch_size : {size_t{3}, size_t{9}, size_t{9}, size_t{1}}) {
    const size_t shape[2] = {batch_size, kChannels};
    std::vector<Floats> tensors;
    std::vector<xnn_external_value> values;
    for (uint32_t id = 0; id < 4; id++) {
      if (id % 2 == 0) {
        ASSERT_EQ(xnn_reshape_external_value(graph.runtime(), id, 2, shape), xnn_status_success);
      }
      tensors.push_back(random_floats(batch_size * kChannels + kExtraFloats, id));
      values.push_back({id, tensors.back().data()});
    }
    ASSERT_EQ(xnn_reshape_runtime(graph.runtime()), xnn_status_success);
    ASSERT_EQ(xnn_setup_runtime_v2(graph.runtime(), values.size(), values.data()), xnn_status_success);
    in_fresh_thread([&] {
      ASSERT_EQ(xnn_invoke_runtime(graph.runtime()), xnn_status_success);
      expect_ours_ran(batch_size, kChannels);
    });
    for (const size_t input : {0, 2}) {
      expect_softmaxes(Node::kOurs, tensors[input + 1].data(), tensors[input].data(), batch_size, kChannels);
    }
  }
}

TEST(GraphSince2023, ProfilingTellsTheTimeOfOurs) {
  constexpr size_t kChannels = 1000000;
  SoftmaxGraph graph(1, {{Node::kUnmarked, kChannels}});
  graph.create_run_and_check(nullptr, XNN_FLAG_BASIC_PROFILING);
  expect_ours_ran(1, kChannels);
  uint64_t microseconds = 0;
  size_t bytes_needed;
  ASSERT_EQ(
      xnn_get_runtime_profiling_info(
          graph.runtime(), xnn_profile_info_operator_timing, sizeof(microseconds), &microseconds, &bytes_needed),
      xnn_status_success);
  EXPECT_GE(microseconds, 20u);  // a million exponentials
}

// Tensors of another type: XNNPACK's own softmax, beside one of ours.
TEST(GraphSince2023, HalfPrecisionIsXnnpacks) {
  constexpr size_t kChannels = 4;
  constexpr uint16_t kOne = 0x3C00;
  constexpr uint16_t kQuarter = 0x3400;
  const SoftmaxGraph ours(4, {{Node::kOurs, kChannels}});
  xnn_subgraph_t subgraph = nullptr;
  ASSERT_EQ(xnn_create_subgraph(2, 0, &subgraph), xnn_status_success);
  const size_t shape[2] = {1, kChannels};
  for (const uint32_t id : {0, 1}) {
    const uint32_t flag = id == 0 ? XNN_VALUE_FLAG_EXTERNAL_INPUT : XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
    uint32_t id_out;
    ASSERT_EQ(
        xnn_define_tensor_value(subgraph, xnn_datatype_fp16, 2, shape, nullptr, id, flag, &id_out),
        xnn_status_success);
  }
  ASSERT_EQ(xnn_define_softmax(subgraph, 0, 1, /*flags=*/0), xnn_status_success);
  in_fresh_thread([&] {
    std::vector<uint16_t> input(kChannels + XNN_EXTRA_BYTES, kOne);
    std::vector<uint16_t> output(input.size());
    xnn_runtime_t runtime = nullptr;
    ASSERT_EQ(xnn_create_runtime_v2(subgraph, nullptr, /*flags=*/0, &runtime), xnn_status_success);
    const xnn_external_value values[] = {{0, input.data()}, {1, output.data()}};
    ASSERT_EQ(xnn_setup_runtime(runtime, 2, values), xnn_status_success);
    ASSERT_EQ(xnn_invoke_runtime(runtime), xnn_status_success);
    EXPECT_EQ(xnn_delete_runtime(runtime), xnn_status_success);
    expect_ours_did_not_run();
    for (size_t i = 0; i < kChannels; i++) {
      EXPECT_EQ(output[i], kQuarter);
    }
  });
  xnn_delete_subgraph(subgraph);
}
#endif

// On pools, too, whose functions we answer.
TEST(GraphOperators, OtherOperatorsAreUntouched) {
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  constexpr size_t kElements = 5000;
  Floats input = random_floats(kElements + kExtraFloats, 3);
  const pthreadpool_t threadpool = pthreadpool_create(2);
  XnnpackSoftmax softmax;  // of ours, lives meanwhile
  ASSERT_EQ(softmax.create(10, 10, 10, XNNX_GRAPH_FLAG_MARKED), xnn_status_success);
  xnn_subgraph_t subgraph = nullptr;
  ASSERT_EQ(xnn_create_subgraph(2, 0, &subgraph), xnn_status_success);
  for (const auto& [id, flag] : {std::pair(0, XNN_VALUE_FLAG_EXTERNAL_INPUT), std::pair(1, XNN_VALUE_FLAG_EXTERNAL_OUTPUT)}) {
    uint32_t id_out;
    ASSERT_EQ(
        xnn_define_tensor_value(subgraph, xnn_datatype_fp32, 1, &kElements, nullptr, id, flag, &id_out),
        xnn_status_success);
  }
  ASSERT_EQ(xnn_define_sigmoid(subgraph, 0, 1, /*flags=*/0), xnn_status_success);
  for (const pthreadpool_t pool : {pthreadpool_t{nullptr}, threadpool}) {
    Floats output(input.size());
    xnn_runtime_t runtime = nullptr;
    ASSERT_EQ(xnn_create_runtime_v2(subgraph, pool, /*flags=*/0, &runtime), xnn_status_success);
    const xnn_external_value values[] = {{0, input.data()}, {1, output.data()}};
    ASSERT_EQ(xnn_setup_runtime(runtime, 2, values), xnn_status_success);
    ASSERT_EQ(xnn_invoke_runtime(runtime), xnn_status_success);
    EXPECT_EQ(xnn_delete_runtime(runtime), xnn_status_success);
    for (size_t i = 0; i < kElements; i++) {
      ASSERT_NEAR(output[i], 1.0 / (1.0 + std::exp(-static_cast<double>(input[i]))), 1e-6) << "at " << i;
    }
  }
  xnn_delete_subgraph(subgraph);
  EXPECT_EQ(softmax.destroy(), xnn_status_success);
  pthreadpool_destroy(threadpool);
}

}  // namespace
