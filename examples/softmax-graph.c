#include "examples/softmax-graph.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xnnpack-softmax.h>

#include "examples/failure.h"

enum {
  input_id,
  output_id,
  external_values,
};

enum { cache_line_bytes = 64 };

float* allocate_tensor(size_t elements) {
  // XNNPACK may read XNN_EXTRA_BYTES past the end of a tensor; aligned_alloc wants a multiple of the alignment.
  const size_t least_bytes = elements * sizeof(float) + XNN_EXTRA_BYTES;
  const size_t bytes = (least_bytes + cache_line_bytes - 1) / cache_line_bytes * cache_line_bytes;
  float* tensor = aligned_alloc(cache_line_bytes, bytes);
  if (tensor == NULL) {
    fail("no memory for a tensor of %zu bytes", bytes);
  }
  return memset(tensor, 0, bytes);
}

static xnn_subgraph_t create_subgraph(void) {
  xnn_subgraph_t subgraph = NULL;
  require_success(xnn_create_subgraph(external_values, /*flags=*/0, &subgraph), "creating a subgraph");
  return subgraph;
}

// An external tensor has an id of its own and gets its data later; a static one has data, an internal one neither.
static uint32_t define_tensor(
    xnn_subgraph_t subgraph, size_t rank, const size_t* shape, const void* data, uint32_t external_id, uint32_t flags) {
  uint32_t id = XNN_INVALID_VALUE_ID;
  require_success(
      xnn_define_tensor_value(subgraph, xnn_datatype_fp32, rank, shape, data, external_id, flags, &id),
      "defining a tensor");
  return id;
}

// Ends every graph: logits -> softmax -> output.
static void define_softmax(xnn_subgraph_t subgraph, enum softmax_source source, uint32_t logits_id) {
  // (xnn_define_softmax would have ours as well, which this program is linked with.)
  const uint32_t flags = source == softmax_of_xnnpack ? XNNX_FLAG_XNNPACK_SOFTMAX : 0;
  require_success(xnnx_define_softmax(subgraph, logits_id, output_id, flags), "xnnx_define_softmax");
}

// Turns the subgraph into a runtime on the calling thread alone, bound to its tensors.
static xnn_runtime_t create_runtime(xnn_subgraph_t subgraph, const float* input, float* output) {
  xnn_runtime_t runtime = NULL;
  require_success(
      xnn_create_runtime_v2(subgraph, /*threadpool=*/NULL, /*flags=*/0, &runtime), "creating a runtime");
  xnn_delete_subgraph(subgraph);
  const struct xnn_external_value tensors[external_values] = {
      {input_id, (void*) (uintptr_t) input},  // XNNPACK only reads it, but its type has no const.
      {output_id, output},
  };
  require_success(xnn_setup_runtime(runtime, external_values, tensors), "setting up a runtime");
  return runtime;
}

xnn_runtime_t create_softmax_graph(
    enum softmax_source source, size_t rows, size_t classes, const float* input, float* output) {
  xnn_subgraph_t subgraph = create_subgraph();
  const size_t shape[] = {rows, classes};
  define_tensor(subgraph, 2, shape, NULL, input_id, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  define_tensor(subgraph, 2, shape, NULL, output_id, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  define_softmax(subgraph, source, input_id);
  return create_runtime(subgraph, input, output);
}

xnn_runtime_t create_digits_graph(
    enum softmax_source source,
    const struct digits_model* model,
    size_t count,
    const float* pixels,
    float* probabilities) {
  xnn_subgraph_t subgraph = create_subgraph();
  const size_t image_shape[] = {count, digits_pixels};
  const size_t weight_shape[] = {digits_classes, digits_pixels};
  const size_t class_shape[] = {count, digits_classes};
  define_tensor(subgraph, 2, image_shape, NULL, input_id, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  define_tensor(subgraph, 2, class_shape, NULL, output_id, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  const uint32_t weights = define_tensor(subgraph, 2, weight_shape, model->weights, XNN_INVALID_VALUE_ID, 0);
  const uint32_t biases = define_tensor(subgraph, 1, weight_shape, model->biases, XNN_INVALID_VALUE_ID, 0);
  const uint32_t logits = define_tensor(subgraph, 2, class_shape, NULL, XNN_INVALID_VALUE_ID, 0);
  require_success(
      xnn_define_fully_connected(subgraph, -INFINITY, INFINITY, input_id, weights, biases, logits, /*flags=*/0),
      "xnn_define_fully_connected");
  define_softmax(subgraph, source, logits);
  return create_runtime(subgraph, pixels, probabilities);
}

void run_graph(xnn_runtime_t graph) {
  require_success(xnn_invoke_runtime(graph), "running a graph");
}

void run_graph_and_check_source(xnn_runtime_t graph, enum softmax_source source) {
  char last_run_before[1024];
  snprintf(last_run_before, sizeof(last_run_before), "%s", xnnx_describe_last_run());
  run_graph(graph);
  const bool ours_ran = strncmp(last_run_before, xnnx_describe_last_run(), sizeof(last_run_before) - 1) != 0;
  if (ours_ran && source == softmax_of_xnnpack) {
    fail("the stock graph ran this library's softmax");
  }
  if (!ours_ran && source == softmax_of_this_library) {
    fail("the graph did not run this library's softmax; is XNNX_DISABLE set, or XNNPACK linked before this library?");
  }
}
