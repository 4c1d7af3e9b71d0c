// What the tests of the graph layer share: graphs of softmaxes, and which library ran them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <gtest/gtest.h>
#include <xnnpack-softmax.h>

using Floats = std::vector<float>;

// What xnnx_describe_last_run says where ours has not run.
constexpr char kNothingHasRun[] = "no softmax has run on this thread";

// XNNPACK may read past the end of a tensor.
constexpr size_t kExtraFloats = XNN_EXTRA_BYTES / sizeof(float);

// In [-8, 8), the same in every run.
Floats random_floats(size_t count, uint32_t seed);

// What a thread knows about the softmax that it ran last starts anew with the thread.
void in_fresh_thread(const std::function<void()>& body);
void expect_ours_ran(size_t batch_size, size_t channels);
void expect_ours_did_not_run();

// Nodes of xnn_define_softmax, and of xnnx_define_softmax where it leaves them to XNNPACK and where not.
enum class Node { kUnmarked, kXnnpacks, kOurs };

// The rows are softmaxes: to 3e-6 of themselves if they are XNNPACK's, which has larger errors, and to the contract if they
// are ours.
void expect_softmaxes(Node node, const float* output, const float* input, size_t batch_size, size_t channels);

struct Softmax {
  Node node;
  size_t channels;
  uint32_t flags = 0;
};

// Independent softmaxes, one after the other in one graph. External tensors: 2i is the input of the i-th, 2i + 1 its
// output.
class SoftmaxGraph {
 public:
  SoftmaxGraph(size_t batch_size, const std::vector<Softmax>& softmaxes, uint32_t seed = 1);
  ~SoftmaxGraph();
  SoftmaxGraph(const SoftmaxGraph&) = delete;
  SoftmaxGraph& operator=(const SoftmaxGraph&) = delete;

  enum xnn_status create_runtime(pthreadpool_t threadpool = nullptr, uint32_t flags = 0);
  void delete_runtime();
  void set_up_runtime();
  // XNNPACK may compute our nodes, too, when they are checked from now on.
  void allow_xnnpacks();
  void invoke_and_check();
  void create_run_and_check(pthreadpool_t threadpool = nullptr, uint32_t flags = 0);

  xnn_subgraph_t subgraph() const { return subgraph_; }
  xnn_runtime_t runtime() const { return runtime_; }
  Floats& input(size_t i) { return inputs_[i]; }
  Floats& output(size_t i) { return outputs_[i]; }

 private:
  void define_tensor(uint32_t id, size_t channels, uint32_t flags);

  xnn_subgraph_t subgraph_ = nullptr;
  xnn_runtime_t runtime_ = nullptr;
  const size_t batch_size_;
  std::vector<Softmax> softmaxes_;
  std::vector<Floats> inputs_;
  std::vector<Floats> outputs_;
};
