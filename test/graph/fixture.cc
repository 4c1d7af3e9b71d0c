#include "test/graph/fixture.h"

#include <string>
#include <thread>

#include "test/accuracy/contract.h"

Floats random_floats(size_t count, uint32_t seed) {
  Floats values(count);
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / static_cast<float>(1 << 20) - 8.0f;  // in [-8, 8)
  }
  return values;
}

void expect_softmaxes(Node node, const float* output, const float* input, size_t batch_size, size_t channels) {
  for (size_t start = 0; start < batch_size * channels; start += channels) {
    if (node != Node::kXnnpacks) {
      ASSERT_NO_FATAL_FAILURE(xnnx_accuracy::expect_softmax(output + start, input + start, channels));
      continue;
    }
    const xnnx_accuracy::ExactSoftmax exact(input + start, channels);
    for (size_t i = start; i < start + channels; i++) {
      const double expected = exact.of(input[i]);
      ASSERT_NEAR(output[i], expected, 3e-6 * expected) << "at " << i;
    }
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

SoftmaxGraph::SoftmaxGraph(size_t batch_size, const std::vector<Softmax>& softmaxes, uint32_t seed)
    : batch_size_(batch_size), softmaxes_(softmaxes) {
  EXPECT_EQ(xnn_initialize(nullptr), xnn_status_success);
  EXPECT_EQ(xnn_create_subgraph(2 * softmaxes.size(), 0, &subgraph_), xnn_status_success);
  for (const Softmax& softmax : softmaxes) {
    const uint32_t input_id = 2 * inputs_.size();
    const uint32_t output_id = input_id + 1;
    define_tensor(input_id, softmax.channels, XNN_VALUE_FLAG_EXTERNAL_INPUT);
    define_tensor(output_id, softmax.channels, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
    const auto define = softmax.node == Node::kUnmarked ? xnn_define_softmax : xnnx_define_softmax;
    const uint32_t flags = softmax.node == Node::kXnnpacks ? XNNX_FLAG_XNNPACK_SOFTMAX : softmax.flags;
    EXPECT_EQ(define(subgraph_, input_id, output_id, flags), xnn_status_success) << xnnx_last_error();
    inputs_.push_back(random_floats(batch_size * softmax.channels + kExtraFloats, seed++));
    outputs_.emplace_back(batch_size * softmax.channels + kExtraFloats, -1.0f);
  }
}

SoftmaxGraph::~SoftmaxGraph() {
  delete_runtime();
  xnn_delete_subgraph(subgraph_);
}

enum xnn_status SoftmaxGraph::create_runtime(pthreadpool_t threadpool, uint32_t flags) {
  return xnn_create_runtime_v2(subgraph_, threadpool, flags, &runtime_);
}

void SoftmaxGraph::delete_runtime() {
  if (runtime_ != nullptr) {
    EXPECT_EQ(xnn_delete_runtime(runtime_), xnn_status_success);
    runtime_ = nullptr;
  }
}

void SoftmaxGraph::set_up_runtime() {
  std::vector<xnn_external_value> values;
  for (uint32_t i = 0; i < softmaxes_.size(); i++) {
    values.push_back({2 * i, inputs_[i].data()});
    values.push_back({2 * i + 1, outputs_[i].data()});
  }
  ASSERT_EQ(xnn_setup_runtime(runtime_, values.size(), values.data()), xnn_status_success);
}

void SoftmaxGraph::allow_xnnpacks() {
  for (Softmax& softmax : softmaxes_) {
    softmax.node = Node::kXnnpacks;
  }
}

void SoftmaxGraph::invoke_and_check() {
  for (Floats& output : outputs_) {
    output.assign(output.size(), -1.0f);
  }
  ASSERT_EQ(xnn_invoke_runtime(runtime_), xnn_status_success);
  for (size_t i = 0; i < softmaxes_.size(); i++) {
    const auto& [node, channels, flags] = softmaxes_[i];
    ASSERT_NO_FATAL_FAILURE(expect_softmaxes(node, outputs_[i].data(), inputs_[i].data(), batch_size_, channels));
  }
}

void SoftmaxGraph::create_run_and_check(pthreadpool_t threadpool, uint32_t flags) {
  ASSERT_EQ(create_runtime(threadpool, flags), xnn_status_success) << xnnx_last_error();
  set_up_runtime();
  invoke_and_check();
}

void SoftmaxGraph::define_tensor(uint32_t id, size_t channels, uint32_t flags) {
  const size_t shape[2] = {batch_size_, channels};
  uint32_t id_out = XNN_INVALID_VALUE_ID;
  EXPECT_EQ(
      xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, 2, shape, nullptr, id, flags, &id_out),
      xnn_status_success);
  EXPECT_EQ(id_out, id);
}
