// A program that uses XNNPACK and knows nothing of this project; preload-test.sh preloads our library into it.
// Its graph is fully-connected -> softmax, and fully-connected -> sigmoid. It prints a line
// "softmax VALUE" or "sigmoid VALUE" for every element of the two results, then the size of its pool, whose threads it
// lets meet. With the argument "unset" it first removes LD_PRELOAD from its environment, as programs do to spare those that
// they start.

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pthreadpool.h>
#include <xnnpack.h>

enum { ROWS = 6, INPUTS = 16, CLASSES = 37, THREADS = 2 };
enum { INPUT_ID, SOFTMAX_ID, SIGMOID_ID, EXTERNAL_COUNT };

static float input[ROWS * INPUTS + XNN_EXTRA_BYTES / sizeof(float)];
static float weights[CLASSES * INPUTS];
static float bias[CLASSES];
static float softmax[ROWS * CLASSES];
static float sigmoid[ROWS * CLASSES];

static void check(enum xnn_status status, const char* what)
{
  if (status != xnn_status_success) {
    fprintf(stderr, "%s: status %d\n", what, (int) status);
    exit(1);
  }
}

// The same numbers in every run, in [-1, 1).
static void fill(float* values, size_t count)
{
  static unsigned state = 1;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = (float) (state >> 8) / (float) (1 << 23) - 1.0f;
  }
}

static uint32_t define_tensor(
    xnn_subgraph_t subgraph, size_t rank, size_t rows, size_t columns, const float* data, uint32_t external_id,
    uint32_t flags)
{
  const size_t shape[2] = {rank == 1 ? columns : rows, columns};
  uint32_t id = XNN_INVALID_VALUE_ID;
  check(
      xnn_define_tensor_value(subgraph, xnn_datatype_fp32, rank, shape, data, external_id, flags, &id),
      "xnn_define_tensor_value");
  return id;
}

static xnn_subgraph_t create_subgraph(void)
{
  const uint32_t internal = XNN_INVALID_VALUE_ID;
  xnn_subgraph_t subgraph = NULL;
  check(xnn_create_subgraph(EXTERNAL_COUNT, 0, &subgraph), "xnn_create_subgraph");
  define_tensor(subgraph, 2, ROWS, INPUTS, NULL, INPUT_ID, XNN_VALUE_FLAG_EXTERNAL_INPUT);
  define_tensor(subgraph, 2, ROWS, CLASSES, NULL, SOFTMAX_ID, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  define_tensor(subgraph, 2, ROWS, CLASSES, NULL, SIGMOID_ID, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
  const uint32_t weights_id = define_tensor(subgraph, 2, CLASSES, INPUTS, weights, internal, 0);
  const uint32_t bias_id = define_tensor(subgraph, 1, 0, CLASSES, bias, internal, 0);
  const uint32_t logits_id = define_tensor(subgraph, 2, ROWS, CLASSES, NULL, internal, 0);
  check(
      xnn_define_fully_connected(
          subgraph, -INFINITY, INFINITY, INPUT_ID, weights_id, bias_id, logits_id, /*flags=*/0),
      "xnn_define_fully_connected");
  check(xnn_define_softmax(subgraph, logits_id, SOFTMAX_ID, /*flags=*/0), "xnn_define_softmax");
  check(xnn_define_sigmoid(subgraph, logits_id, SIGMOID_ID, /*flags=*/0), "xnn_define_sigmoid");
  return subgraph;
}

// One of THREADS tasks, each of which waits for the others.
static void meet(void* arrived, size_t i)
{
  (void) i;
  const time_t end = time(NULL) + 5;
  atomic_fetch_add((atomic_int*) arrived, 1);
  while (atomic_load((atomic_int*) arrived) < THREADS) {
    if (time(NULL) > end) {
      fprintf(stderr, "pthreadpool_parallelize_1d: one task after the other\n");
      exit(1);
    }
  }
}

int main(int argc, char** argv)
{
  if (argc == 2 && strcmp(argv[1], "unset") == 0) {
    unsetenv("LD_PRELOAD");
  }
  fill(input, sizeof(input) / sizeof(float));
  fill(weights, sizeof(weights) / sizeof(float));
  fill(bias, sizeof(bias) / sizeof(float));

  check(xnn_initialize(/*allocator=*/NULL), "xnn_initialize");
  pthreadpool_t threadpool = pthreadpool_create(THREADS);
  xnn_subgraph_t subgraph = create_subgraph();
  xnn_runtime_t runtime = NULL;
  check(xnn_create_runtime_v2(subgraph, threadpool, /*flags=*/0, &runtime), "xnn_create_runtime_v2");
  const struct xnn_external_value externals[EXTERNAL_COUNT] = {
      {INPUT_ID, input}, {SOFTMAX_ID, softmax}, {SIGMOID_ID, sigmoid}};
  check(xnn_setup_runtime(runtime, EXTERNAL_COUNT, externals), "xnn_setup_runtime");
  check(xnn_invoke_runtime(runtime), "xnn_invoke_runtime");
  check(xnn_invoke_runtime(runtime), "xnn_invoke_runtime");
  check(xnn_delete_runtime(runtime), "xnn_delete_runtime");
  // Once more, so that what is to be told once could be told twice.
  check(xnn_create_runtime_v2(subgraph, threadpool, /*flags=*/0, &runtime), "xnn_create_runtime_v2");
  check(xnn_delete_runtime(runtime), "xnn_delete_runtime");
  check(xnn_delete_subgraph(subgraph), "xnn_delete_subgraph");
  const size_t pool_size = pthreadpool_get_threads_count(threadpool);
  atomic_int arrived = 0;
  pthreadpool_parallelize_1d(threadpool, meet, &arrived, THREADS, /*flags=*/0);
  pthreadpool_destroy(threadpool);

  for (int i = 0; i < ROWS * CLASSES; i++) {
    printf("softmax %.9g\n", softmax[i]);
    printf("sigmoid %.9g\n", sigmoid[i]);
  }
  printf("pool %zu\n", pool_size);
  return 0;
}
