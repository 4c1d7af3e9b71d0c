// A program that knows XNNPACK alone: a graph with one softmax of 2^20 elements. Prints how far from 1 the results add up.
// docs/linking.md shows how it gets this library's softmax without a changed line.
// Usage: softmax-sum [threads, by default 1]

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <pthreadpool.h>
#include <xnnpack.h>

enum { channels = 1 << 20, extra_floats = XNN_EXTRA_BYTES / sizeof(float) };
enum { input_id, output_id, external_values };

static float input[channels + extra_floats];
static float output[channels + extra_floats];

static void require_success(enum xnn_status status, const char* function) {
  if (status != xnn_status_success) {
    fprintf(stderr, "%s returns status %d\n", function, (int) status);
    exit(EXIT_FAILURE);
  }
}

static void define_row(xnn_subgraph_t subgraph, uint32_t external_id, uint32_t flags) {
  const size_t shape[] = {1, channels};
  uint32_t id;
  require_success(
      xnn_define_tensor_value(subgraph, xnn_datatype_fp32, 2, shape, /*data=*/NULL, external_id, flags, &id),
      "xnn_define_tensor_value");
}

// In [-8, 8), the same ones every time.
static void fill_input(void) {
  uint32_t state = 1;
  for (size_t i = 0; i < channels; i++) {
    state = state * UINT32_C(1664525) + UINT32_C(1013904223);
    input[i] = (float) (state >> 8) * 0x1p-20f - 8.0f;
  }
}

int main(int argument_count, char** arguments) {
  const long threads = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 1;
  fill_input();
  require_success(xnn_initialize(/*allocator=*/NULL), "xnn_initialize");
  pthreadpool_t threadpool = threads > 1 ? pthreadpool_create((size_t) threads) : NULL;
  xnn_subgraph_t subgraph = NULL;
  require_success(xnn_create_subgraph(external_values, /*flags=*/0, &subgraph), "xnn_create_subgraph");
  define_row(subgraph, input_id, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  define_row(subgraph, output_id, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  require_success(xnn_define_softmax(subgraph, input_id, output_id, /*flags=*/0), "xnn_define_softmax");
  xnn_runtime_t runtime = NULL;
  require_success(xnn_create_runtime_v2(subgraph, threadpool, /*flags=*/0, &runtime), "xnn_create_runtime_v2");
  const struct xnn_external_value tensors[] = {{input_id, input}, {output_id, output}};
  require_success(xnn_setup_runtime(runtime, external_values, tensors), "xnn_setup_runtime");
  require_success(xnn_invoke_runtime(runtime), "xnn_invoke_runtime");

  double sum = 0.0;
  for (size_t i = 0; i < channels; i++) {
    sum += output[i];
  }
  printf("the results add up to 1 %c %.2g\n", sum < 1.0 ? '-' : '+', sum < 1.0 ? 1.0 - sum : sum - 1.0);

  xnn_delete_runtime(runtime);
  xnn_delete_subgraph(subgraph);
  pthreadpool_destroy(threadpool);
  return EXIT_SUCCESS;
}
