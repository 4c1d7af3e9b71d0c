// Our softmax inside XNNPACK graphs, in a program that links the graph layer.

#include <dlfcn.h>
#include <malloc.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <xnnpack-softmax.h>

#include "src/graph/graph-flags.h"

namespace {

using Floats = std::vector<float>;

const char kNothingHasRun[] = "no softmax has run on this thread";

// XNNPACK may read past the end of a tensor.
constexpr size_t kExtraFloats = XNN_EXTRA_BYTES / sizeof(float);

Floats random_floats(size_t count, uint32_t seed) {
  Floats values(count);
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / static_cast<float>(1 << 20) - 8.0f;  // in [-8, 8)
  }
  return values;
}

Floats reference_softmax(const Floats& input, size_t channels) {
  Floats output;
  for (size_t start = 0; start < input.size(); start += channels) {
    double max = -INFINITY;
    double sum = 0.0;
    for (size_t i = 0; i < channels; i++) {
      max = std::fmax(max, input[start + i]);
    }
    for (size_t i = 0; i < channels; i++) {
      sum += std::exp(input[start + i] - max);
    }
    for (size_t i = 0; i < channels; i++) {
      output.push_back(static_cast<float>(std::exp(input[start + i] - max) / sum));
    }
  }
  return output;
}

void expect_close(const Floats& actual, const Floats& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i++) {
    ASSERT_NEAR(actual[i], expected[i], 3e-6f * expected[i]) << "at " << i;
  }
}

// What a thread knows about the softmax that it ran last starts anew with the thread.
void in_fresh_thread(const std::function<void()>& body) {
  std::thread thread([&] {
    ASSERT_STREQ(xnnx_describe_last_run(), kNothingHasRun);
    body();
  });
  thread.join();
}

void expect_ours_ran(size_t batch_size, size_t channels) {
  const std::string shape = std::to_string(batch_size) + " x " + std::to_string(channels) + ":";
  EXPECT_NE(std::string(xnnx_describe_last_run()).find(shape), std::string::npos) << xnnx_describe_last_run();
}

void expect_ours_did_not_run() {
  EXPECT_STREQ(xnnx_describe_last_run(), kNothingHasRun);
}

enum class Node { kXnnpacks, kOurs };

struct Softmax {
  Node node;
  size_t channels;
  uint32_t flags = 0;
};

// Independent softmaxes, one after the other in one graph. External tensors: 2i is the input of the i-th, 2i + 1 its
// output.
class SoftmaxGraph {
 public:
  SoftmaxGraph(size_t batch_size, const std::vector<Softmax>& softmaxes, uint32_t seed = 1) {
    EXPECT_EQ(xnn_initialize(nullptr), xnn_status_success);
    EXPECT_EQ(xnn_create_subgraph(2 * softmaxes.size(), 0, &subgraph_), xnn_status_success);
    for (const Softmax& softmax : softmaxes) {
      const uint32_t input_id = 2 * channels_.size();
      const uint32_t output_id = input_id + 1;
      define_tensor(input_id, batch_size, softmax.channels, XNN_VALUE_FLAG_EXTERNAL_INPUT);
      define_tensor(output_id, batch_size, softmax.channels, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
      const auto define = softmax.node == Node::kOurs ? xnnx_define_softmax : xnn_define_softmax;
      EXPECT_EQ(define(subgraph_, input_id, output_id, softmax.flags), xnn_status_success) << xnnx_last_error();
      channels_.push_back(softmax.channels);
      inputs_.push_back(random_floats(batch_size * softmax.channels + kExtraFloats, seed++));
      outputs_.emplace_back(batch_size * softmax.channels + kExtraFloats, -1.0f);
    }
  }

  ~SoftmaxGraph() {
    delete_runtime();
    xnn_delete_subgraph(subgraph_);
  }

  enum xnn_status create_runtime(pthreadpool_t threadpool = nullptr, uint32_t flags = 0) {
    return xnn_create_runtime_v2(subgraph_, threadpool, flags, &runtime_);
  }

  void delete_runtime() {
    if (runtime_ != nullptr) {
      EXPECT_EQ(xnn_delete_runtime(runtime_), xnn_status_success);
      runtime_ = nullptr;
    }
  }

  void set_up_runtime() {
    std::vector<xnn_external_value> values;
    for (uint32_t i = 0; i < channels_.size(); i++) {
      values.push_back({2 * i, inputs_[i].data()});
      values.push_back({2 * i + 1, outputs_[i].data()});
    }
    ASSERT_EQ(xnn_setup_runtime(runtime_, values.size(), values.data()), xnn_status_success);
  }

  void invoke_and_check() {
    for (Floats& output : outputs_) {
      output.assign(output.size(), -1.0f);
    }
    ASSERT_EQ(xnn_invoke_runtime(runtime_), xnn_status_success);
    for (size_t i = 0; i < channels_.size(); i++) {
      expect_close(without_extra(outputs_[i]), reference_softmax(without_extra(inputs_[i]), channels_[i]));
    }
  }

  void create_run_and_check(pthreadpool_t threadpool = nullptr, uint32_t flags = 0) {
    ASSERT_EQ(create_runtime(threadpool, flags), xnn_status_success) << xnnx_last_error();
    set_up_runtime();
    invoke_and_check();
  }

  xnn_runtime_t runtime() const { return runtime_; }
  Floats& input(size_t i) { return inputs_[i]; }
  Floats& output(size_t i) { return outputs_[i]; }

 private:
  void define_tensor(uint32_t id, size_t batch_size, size_t channels, uint32_t flags) {
    const size_t shape[2] = {batch_size, channels};
    uint32_t id_out = XNN_INVALID_VALUE_ID;
    EXPECT_EQ(
        xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, 2, shape, nullptr, id, flags, &id_out),
        xnn_status_success);
    EXPECT_EQ(id_out, id);
  }

  static Floats without_extra(const Floats& tensor) { return Floats(tensor.begin(), tensor.end() - kExtraFloats); }

  xnn_subgraph_t subgraph_ = nullptr;
  xnn_runtime_t runtime_ = nullptr;
  std::vector<size_t> channels_;
  std::vector<Floats> inputs_;
  std::vector<Floats> outputs_;
};

TEST(Graph, MarkedNodeRunsOurs) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kOurs, 10}});
    graph.create_run_and_check();
    expect_ours_ran(4, 10);
  });
}

TEST(Graph, UnmarkedNodeRunsXnnpacks) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kXnnpacks, 10}});
    graph.create_run_and_check();
    expect_ours_did_not_run();
  });
}

// Without the mark our bits mean nothing.
TEST(Graph, UnmarkedNodeWithOurFlagsRunsXnnpacks) {
  in_fresh_thread([] {
    SoftmaxGraph graph(4, {{Node::kXnnpacks, 10, XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RELOAD}});
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

TEST(Graph, ThreadsCreateAndDeleteRuntimesWhileOthersRun) {
  std::atomic<bool> stop{false};
  std::atomic<size_t> steady_runs{0};
  std::vector<std::thread> steady;
  for (const Node node : {Node::kOurs, Node::kXnnpacks}) {
    steady.emplace_back([&, node] {
      SoftmaxGraph graph(3, {{node, 77}});
      graph.create_run_and_check();
      while (!stop) {
        graph.invoke_and_check();
        steady_runs++;
      }
      if (node == Node::kOurs) {
        expect_ours_ran(3, 77);
      } else {
        expect_ours_did_not_run();
      }
    });
  }
  std::vector<std::thread> restless;
  for (uint32_t seed = 1; seed <= 4; seed++) {
    restless.emplace_back([seed] {
      for (size_t channels = 1; channels <= 200; channels++) {
        SoftmaxGraph graph(2, {{Node::kOurs, channels}, {Node::kXnnpacks, channels + 1}}, seed);
        graph.create_run_and_check();
        expect_ours_ran(2, channels);
      }
    });
  }
  for (std::thread& thread : restless) {
    thread.join();
  }
  stop = true;
  for (std::thread& thread : steady) {
    thread.join();
  }
  EXPECT_GT(steady_runs, 0u);
}

TEST(Graph, FlagsReachTheOperator) {
  const std::vector<std::pair<uint32_t, const char*>> algorithms = {
      {XNNX_FLAG_TWO_PASS, "two_pass"},
      {XNNX_FLAG_THREE_PASS_RECOMPUTE, "three_pass_recompute"},
      {XNNX_FLAG_THREE_PASS_RELOAD, "three_pass_reload"}};
  for (const auto& algorithm : algorithms) {
    SoftmaxGraph graph(4, {{Node::kOurs, 10, algorithm.first | XNNX_FLAG_KEEP_OUTPUT_IN_CACHE}});
    graph.create_run_and_check();
    EXPECT_NE(std::string(xnnx_describe_last_run()).find(algorithm.second), std::string::npos)
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
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  xnn_subgraph_t subgraph = nullptr;
  ASSERT_EQ(xnn_create_subgraph(2, 0, &subgraph), xnn_status_success);
  const size_t shape[2] = {4, 10};
  for (uint32_t id = 0; id < 2; id++) {
    const uint32_t flags = id == 0 ? XNN_VALUE_FLAG_EXTERNAL_INPUT : XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
    uint32_t id_out = XNN_INVALID_VALUE_ID;
    ASSERT_EQ(
        xnn_define_tensor_value(subgraph, xnn_datatype_fp32, 2, shape, nullptr, id, flags, &id_out),
        xnn_status_success);
  }
  const std::vector<uint32_t> invalid_flags = {
      XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RELOAD,
      XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE,
      XNNX_FLAG_THREE_PASS_RELOAD | XNNX_FLAG_THREE_PASS_RECOMPUTE,
      XNNX_GRAPH_FLAG_OURS,
      0x40000000u,
      0x1u};
  for (const uint32_t flags : invalid_flags) {
    std::thread([&] {
      EXPECT_EQ(xnnx_define_softmax(subgraph, 0, 1, flags), xnn_status_invalid_parameter) << flags;
      EXPECT_NE(std::string(xnnx_last_error()).find("xnnx_define_softmax"), std::string::npos) << xnnx_last_error();
    }).join();
  }
  EXPECT_EQ(xnnx_define_softmax(subgraph, 7, 1, 0), xnn_status_invalid_parameter);  // XNNPACK's own check
  EXPECT_EQ(xnnx_define_softmax(subgraph, 0, 1, 0), xnn_status_success);
  EXPECT_EQ(xnn_delete_subgraph(subgraph), xnn_status_success);
}

TEST(Graph, FailureOfOursFailsTheRuntimeOfAMarkedNode) {
  ASSERT_EQ(setenv("XNNX_MAX_ISA", "abacus", /*overwrite=*/1), 0);
  SoftmaxGraph ours(4, {{Node::kOurs, 10}});
  EXPECT_EQ(ours.create_runtime(), xnn_status_invalid_parameter);
  EXPECT_EQ(ours.runtime(), nullptr);
  EXPECT_NE(std::string(xnnx_last_error()).find("abacus"), std::string::npos) << xnnx_last_error();
  SoftmaxGraph xnnpacks(4, {{Node::kXnnpacks, 10}});
  xnnpacks.create_run_and_check();
  ASSERT_EQ(unsetenv("XNNX_MAX_ISA"), 0);
  ours.create_run_and_check();
}

TEST(Graph, FailureOfOursLeaksNothing) {
  ASSERT_EQ(setenv("XNNX_MAX_ISA", "abacus", /*overwrite=*/1), 0);
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  size_t bytes_before = 0;
  for (int i = 0; i < 10000; i++) {
    xnn_operator_t softmax = nullptr;
    ASSERT_EQ(
        xnn_create_softmax_nc_f32(10, 10, 10, XNNX_GRAPH_FLAG_OURS, &softmax), xnn_status_invalid_parameter);
    ASSERT_EQ(softmax, nullptr);
    if (i == 100) {
      bytes_before = mallinfo2().uordblks;
    }
  }
  EXPECT_LT(mallinfo2().uordblks, bytes_before + 65536);
  ASSERT_EQ(unsetenv("XNNX_MAX_ISA"), 0);
}

// The environment is read once, so these need a process of their own.
TEST(GraphDeathTest, DisableMakesMarkedNodesXnnpacks) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto run_disabled = [](const char* value, bool expect_ours) {
    setenv("XNNX_DISABLE", value, /*overwrite=*/1);
    SoftmaxGraph graph(4, {{Node::kOurs, 10, XNNX_FLAG_TWO_PASS}});
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
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(run_verbose(), testing::ExitedWithCode(0), "^xnnpack-softmax: softmax 4 x 10: [^\n]*\n$");
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
        xnn_create_softmax_nc_f32(kChannels, kInputStride, kOutputStride, XNNX_GRAPH_FLAG_OURS, &operator_),
        xnn_status_success);
    ASSERT_NE(operator_, nullptr);
  }

  void TearDown() override { EXPECT_EQ(xnn_delete_operator(operator_), xnn_status_success); }

  // Checks the rows of the batch, and that nothing else in `output_` was written.
  void check_output(size_t batch_size) {
    for (size_t row = 0; row < kMostRows; row++) {
      const float* input_row = &input_[row * kInputStride];
      const float* output_row = &output_[row * kOutputStride];
      const size_t written = row < batch_size ? kChannels : 0;
      const Floats expected = reference_softmax(Floats(input_row, input_row + kChannels), kChannels);
      expect_close(Floats(output_row, output_row + written), Floats(expected.begin(), expected.begin() + written));
      for (size_t i = written; i < kOutputStride; i++) {
        ASSERT_EQ(output_row[i], -1.0f) << "row " << row << " element " << i;
      }
    }
  }

  xnn_operator_t operator_ = nullptr;
  Floats input_ = random_floats(kMostRows * kInputStride + kExtraFloats, 1);
  Floats output_ = Floats(kMostRows * kOutputStride + kExtraFloats, -1.0f);
};

TEST_F(MarkedOperator, ChangesItsBatch) {
  pthreadpool_t threadpool = pthreadpool_create(2);
  for (const pthreadpool_t pool : {pthreadpool_t{nullptr}, threadpool}) {
    for (const size_t batch_size : {size_t{3}, kMostRows, size_t{1}, size_t{3}, size_t{3}}) {
      output_.assign(output_.size(), -1.0f);
      ASSERT_EQ(
          xnn_setup_softmax_nc_f32(operator_, batch_size, input_.data(), output_.data(), pool), xnn_status_success);
      ASSERT_EQ(xnn_run_operator(operator_, pool), xnn_status_success);
      check_output(batch_size);
      expect_ours_ran(batch_size, kChannels);
    }
  }
  pthreadpool_destroy(threadpool);
}

TEST_F(MarkedOperator, BatchOfNothing) {
  for (const size_t batch_size : {size_t{0}, size_t{2}, size_t{0}}) {
    output_.assign(output_.size(), -1.0f);
    ASSERT_EQ(
        xnn_setup_softmax_nc_f32(operator_, batch_size, input_.data(), output_.data(), nullptr), xnn_status_success);
    ASSERT_EQ(xnn_run_operator(operator_, nullptr), xnn_status_success);
    check_output(batch_size);
  }
  ASSERT_EQ(xnn_setup_softmax_nc_f32(operator_, 0, nullptr, nullptr, nullptr), xnn_status_success);
  ASSERT_EQ(xnn_run_operator(operator_, nullptr), xnn_status_success);
}

TEST_F(MarkedOperator, RunBeforeSetupIsXnnpacksError) {
  EXPECT_EQ(xnn_run_operator(operator_, nullptr), xnn_status_invalid_state);
}

// Output that overlaps the input one float lower: ours refuses, XNNPACK's does it.
TEST_F(MarkedOperator, LeavesToXnnpackWhatOursRefuses) {
  in_fresh_thread([&] {
    const Floats row(input_.begin() + 1, input_.begin() + 1 + kChannels);
    ASSERT_EQ(
        xnn_setup_softmax_nc_f32(operator_, 1, input_.data() + 1, input_.data(), nullptr), xnn_status_success);
    ASSERT_EQ(xnn_run_operator(operator_, nullptr), xnn_status_success);
    expect_ours_did_not_run();
    expect_close(Floats(input_.begin(), input_.begin() + kChannels), reference_softmax(row, kChannels));

    ASSERT_EQ(xnn_setup_softmax_nc_f32(operator_, 1, input_.data(), output_.data(), nullptr), xnn_status_success);
    ASSERT_EQ(xnn_run_operator(operator_, nullptr), xnn_status_success);
    expect_ours_ran(1, kChannels);
    check_output(1);
  });
}

TEST(GraphOperators, XnnpackChecksItsOwnArguments) {
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  xnn_operator_t softmax = nullptr;
  EXPECT_EQ(xnn_create_softmax_nc_f32(0, 1, 1, XNNX_GRAPH_FLAG_OURS, &softmax), xnn_status_invalid_parameter);
  EXPECT_EQ(xnn_create_softmax_nc_f32(2, 1, 2, XNNX_GRAPH_FLAG_OURS, &softmax), xnn_status_invalid_parameter);
  EXPECT_EQ(softmax, nullptr);
  EXPECT_EQ(xnn_delete_operator(nullptr), xnn_status_invalid_parameter);

  xnn_operator_t sigmoid = nullptr;
  ASSERT_EQ(xnn_create_sigmoid_nc_f32(4, 4, 4, 0, &sigmoid), xnn_status_success);
  float values[4 + kExtraFloats] = {};
  EXPECT_EQ(xnn_setup_softmax_nc_f32(sigmoid, 1, values, values, nullptr), xnn_status_invalid_parameter);
  EXPECT_EQ(xnn_delete_operator(sigmoid), xnn_status_success);
}

TEST(GraphOperators, AMillionLeakNothing) {
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  size_t bytes_before = 0;
  for (int i = 0; i < 1000000; i++) {
    xnn_operator_t softmax = nullptr;
    ASSERT_EQ(xnn_create_softmax_nc_f32(10, 10, 10, XNNX_GRAPH_FLAG_OURS, &softmax), xnn_status_success);
    ASSERT_EQ(xnn_delete_operator(softmax), xnn_status_success);
    if (i == 100) {
      bytes_before = mallinfo2().uordblks;
    }
  }
  EXPECT_LT(mallinfo2().uordblks, bytes_before + 65536);
}

// The genuine functions, which this program's own calls do not reach, give the same bits.
TEST(GraphOperators, OtherOperatorsAreUntouched) {
  ASSERT_EQ(xnn_initialize(nullptr), xnn_status_success);
  void* library = dlopen("libXNNPACK.so.0", RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto genuine_run = reinterpret_cast<decltype(&xnn_run_operator)>(dlsym(library, "xnn_run_operator"));
  ASSERT_NE(genuine_run, nullptr);
  ASSERT_NE(genuine_run, &xnn_run_operator) << "the graph layer is not linked before XNNPACK";

  constexpr size_t kRows = 5;
  constexpr size_t kInputs = 13;
  constexpr size_t kOutputs = 21;
  const Floats weights = random_floats(kOutputs * kInputs, 1);
  const Floats bias = random_floats(kOutputs, 2);
  const Floats input = random_floats(kRows * kInputs + kExtraFloats, 3);
  Floats results[2];
  for (Floats& result : results) {
    const auto run = &result == &results[0] ? genuine_run : xnn_run_operator;
    // A softmax of ours lives meanwhile.
    xnn_operator_t softmax = nullptr;
    ASSERT_EQ(xnn_create_softmax_nc_f32(10, 10, 10, XNNX_GRAPH_FLAG_OURS, &softmax), xnn_status_success);
    xnn_operator_t fully_connected = nullptr;
    xnn_operator_t sigmoid = nullptr;
    ASSERT_EQ(
        xnn_create_fully_connected_nc_f32(
            kInputs, kOutputs, kInputs, kOutputs, weights.data(), bias.data(), -INFINITY, INFINITY, 0,
            &fully_connected),
        xnn_status_success);
    ASSERT_EQ(xnn_create_sigmoid_nc_f32(kOutputs, kOutputs, kOutputs, 0, &sigmoid), xnn_status_success);
    Floats logits(kRows * kOutputs + kExtraFloats);
    result.resize(kRows * kOutputs + kExtraFloats);
    ASSERT_EQ(
        xnn_setup_fully_connected_nc_f32(fully_connected, kRows, input.data(), logits.data(), nullptr),
        xnn_status_success);
    ASSERT_EQ(
        xnn_setup_sigmoid_nc_f32(sigmoid, kRows, logits.data(), result.data(), nullptr), xnn_status_success);
    ASSERT_EQ(run(fully_connected, nullptr), xnn_status_success);
    ASSERT_EQ(run(sigmoid, nullptr), xnn_status_success);
    for (const xnn_operator_t created : {softmax, fully_connected, sigmoid}) {
      EXPECT_EQ(xnn_delete_operator(created), xnn_status_success);
    }
  }
  const size_t result_bytes = kRows * kOutputs * sizeof(float);
  EXPECT_EQ(std::memcmp(results[0].data(), results[1].data(), result_bytes), 0);
  EXPECT_GT(results[0][0], 0.0f);
  dlclose(library);
}

}  // namespace
