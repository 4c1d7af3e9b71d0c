#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <xnnpack-softmax.h>

#include "src/operators/parallelize.h"
#include "src/operators/softmax-description.h"
#include "src/operators/softmax-row.h"
#include "src/operators/softmax-stream.h"
#include "src/xnnx/error.h"
#include "src/xnnx/isa.h"
#include "src/xnnx/operator.h"
#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-flags.h"
#include "src/xnnx/softmax-kernels.h"
#include "src/xnnx/thread-local.h"

// Elements that are worth a task of their own: some microseconds of work; more where rows leave past the caches beside
// the next ones' exponentials.
static const size_t task_elements = 16384;
static const size_t stream_task_elements = 262144;
// Rows that leave past the caches take longer each, by what is done for the last ones: from this length on it pays.
static const size_t least_streamed_channels = 512;
// Up to this number of elements, waking other threads costs more than they would save.
static const size_t serial_elements = 32768;

struct shape {
  size_t channels;
  size_t input_stride;
  size_t output_stride;
  size_t batch_size;
};

// How the rows of a shape are spread over threads.
struct split {
  size_t task_count;
  size_t rows_per_task;
};

struct softmax {
  struct xnnx_operator base;  // first, so that a pointer to one is a pointer to the other
  uint32_t flags;
  struct xnnx_softmax_kernels kernels;

  struct shape shape;
  enum xnnx_softmax_algorithm algorithm;
  struct xnnx_softmax_description description;
  struct split split;
  bool is_small;    // the calling thread had better do it all
  bool is_far;      // the input comes from memory rather than from a cache
  bool may_stream;  // the output goes past the caches, unless it is the input
  char* workspaces;  // of rows beyond XNNX_CACHED_ROW_CHANNELS: workspace_bytes() a task

  const float* input;
  float* output;
  bool stream;  // whether the output goes past the caches: see xnnx_softmax_row and softmax-stream.h
};

// What the rows of one task need: for each block its sum, factor and maximum, and room for exponentials that wait.
struct workspace {
  float* scratch;
  struct xnnx_pair* sums;
  double* factors;
  float* maxima;
};

static XNNX_THREAD_LOCAL struct xnnx_softmax_description last_run;

static void run_softmax(xnnx_operator_t op, pthreadpool_t threadpool);
static const char* describe_softmax(xnnx_operator_t op);
static void destroy_softmax(xnnx_operator_t op);

static const struct xnnx_operator_type softmax_type = {
  .name = "softmax",
  .description_without_shape = "softmax without a shape",
  .run = run_softmax,
  .describe = describe_softmax,
  .destroy = destroy_softmax,
};

enum xnn_status xnnx_create_softmax_nc_f32(uint32_t flags, xnnx_operator_t* op_out)
{
  if (op_out == NULL) {
    xnnx_set_last_error("xnnx_create_softmax_nc_f32: op_out is NULL");
    return xnn_status_invalid_parameter;
  }
  *op_out = NULL;
  enum xnn_status status = xnnx_check_softmax_flags("xnnx_create_softmax_nc_f32", flags);
  if (status != xnn_status_success) {
    return status;
  }
  uint32_t usable_isas;
  status = xnnx_find_usable_isas("xnnx_create_softmax_nc_f32", &usable_isas);
  if (status != xnn_status_success) {
    return status;
  }
  struct xnnx_softmax_kernels kernels;
  status = xnnx_select_softmax_kernels("xnnx_create_softmax_nc_f32", usable_isas, &kernels);
  if (status != xnn_status_success) {
    return status;
  }
  struct softmax* softmax = calloc(1, sizeof(*softmax));
  if (softmax == NULL) {
    xnnx_set_last_error("xnnx_create_softmax_nc_f32: no memory for an operator of %zu bytes", sizeof(*softmax));
    return xnn_status_out_of_memory;
  }
  softmax->base.type = &softmax_type;
  softmax->flags = flags;
  softmax->kernels = kernels;
  *op_out = &softmax->base;
  return xnn_status_success;
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

static size_t divide_round_up(size_t a, size_t b)
{
  return a / b + (a % b != 0);
}

static bool check_stride(const char* name, size_t stride, size_t channels)
{
  if (stride < channels) {
    xnnx_set_last_error("xnnx_reshape_softmax_nc_f32: %s %zu is less than channels %zu", name, stride, channels);
    return false;
  }
  return true;
}

static bool check_size(const char* name, size_t stride, size_t batch_size)
{
  if (batch_size != 0 && stride > SIZE_MAX / sizeof(float) / batch_size) {
    xnnx_set_last_error(
        "xnnx_reshape_softmax_nc_f32: batch_size %zu x %s %zu x 4 bytes does not fit size_t", batch_size, name, stride);
    return false;
  }
  return true;
}

static size_t count_elements(const struct shape* shape)
{
  return shape->channels * shape->batch_size;
}

// Rows beyond XNNX_CACHED_ROW_CHANNELS: a task a thread, each with an equal run of rows, and the rows that are left over one
// after the other, each in parallel blocks. Shorter rows: tasks of several rows, which threads take from each other.
static struct split split_rows(const struct shape* shape, size_t short_row_task_elements, size_t thread_count)
{
  if (shape->channels > XNNX_CACHED_ROW_CHANNELS) {
    return (struct split){.task_count = thread_count, .rows_per_task = shape->batch_size / thread_count};
  }
  const size_t rows_per_task = divide_round_up(short_row_task_elements, shape->channels);
  return (struct split){
    .task_count = divide_round_up(shape->batch_size, rows_per_task),
    .rows_per_task = rows_per_task,
  };
}

// Whether the calling thread had better do it all.
static bool is_small(const struct shape* shape)
{
  return count_elements(shape) <= serial_elements;
}

// Whether there are rows whose output can go past the caches: it is not read again or, in blocks, waits in a cache
// until the next row of its task is computed.
static bool can_stream(enum xnnx_softmax_algorithm algorithm, size_t channels, const struct split* split)
{
  switch (algorithm) {
    case xnnx_softmax_one_pass:
    case xnnx_softmax_three_pass_reload:
      return false;
    case xnnx_softmax_two_pass:
    case xnnx_softmax_three_pass_recompute:
      return true;
    case xnnx_softmax_blocked:
      break;
  }
  return split->rows_per_task != 0 && channels >= least_streamed_channels && xnnx_row_may_wait_in_cache(channels);
}

static size_t workspace_bytes(const struct shape* shape, bool has_scratch)
{
  const size_t bytes_of_block = sizeof(struct xnnx_pair) + sizeof(double) + sizeof(float);
  const size_t scratch_bytes = has_scratch ? xnnx_stream_scratch_elements(shape->channels) * sizeof(float) : 0;
  const size_t bytes = scratch_bytes + xnnx_block_count(shape->channels) * bytes_of_block;
  return divide_round_up(bytes, XNNX_STREAM_SCRATCH_ALIGNMENT) * XNNX_STREAM_SCRATCH_ALIGNMENT;
}

static bool has_scratch(const struct softmax* softmax)
{
  return softmax->may_stream && softmax->algorithm == xnnx_softmax_blocked;
}

static struct workspace get_workspace(const struct softmax* softmax, size_t task)
{
  const size_t block_count = xnnx_block_count(softmax->shape.channels);
  const bool with_scratch = has_scratch(softmax);
  char* bytes = softmax->workspaces + task * workspace_bytes(&softmax->shape, with_scratch);
  struct workspace workspace = {.scratch = (float*) bytes};
  bytes += with_scratch ? xnnx_stream_scratch_elements(softmax->shape.channels) * sizeof(float) : 0;
  workspace.sums = (struct xnnx_pair*) bytes;
  workspace.factors = (double*) (workspace.sums + block_count);
  workspace.maxima = (float*) (workspace.factors + block_count);
  return workspace;
}

// How the output is written is known, and described, only when it is known where it lies.
static void choose_stores(struct softmax* softmax, bool stream)
{
  softmax->stream = stream;
  softmax->description = xnnx_describe_softmax(
      softmax->shape.batch_size, softmax->shape.channels, softmax->algorithm, stream, &softmax->kernels);
}

enum xnn_status xnnx_reshape_softmax_nc_f32(
    xnnx_operator_t op,
    size_t channels,
    size_t input_stride,
    size_t output_stride,
    size_t batch_size,
    pthreadpool_t threadpool)
{
  const enum xnn_status status = xnnx_check_operator_type("xnnx_reshape_softmax_nc_f32", op, &softmax_type);
  if (status != xnn_status_success) {
    return status;
  }
  if (channels == 0) {
    xnnx_set_last_error("xnnx_reshape_softmax_nc_f32: channels is 0");
    return xnn_status_invalid_parameter;
  }
  if (!check_stride("input_stride", input_stride, channels) ||
      !check_stride("output_stride", output_stride, channels)) {
    return xnn_status_invalid_parameter;
  }
  if (!check_size("input_stride", input_stride, batch_size) ||
      !check_size("output_stride", output_stride, batch_size)) {
    return xnn_status_unsupported_parameter;
  }

  struct softmax* softmax = (struct softmax*) op;
  const struct shape shape = {channels, input_stride, output_stride, batch_size};
  const enum xnnx_softmax_algorithm algorithm =
      xnnx_choose_softmax_algorithm(softmax->flags, channels, &softmax->kernels);
  const bool had_better_stream = (softmax->flags & XNNX_FLAG_KEEP_OUTPUT_IN_CACHE) == 0 &&
                                 xnnx_tensors_exceed_caches(count_elements(&shape));
  const bool rows_overlap = had_better_stream && algorithm == xnnx_softmax_blocked;
  const struct split split = split_rows(
      &shape, rows_overlap ? stream_task_elements : task_elements,
      is_small(&shape) ? 1 : pthreadpool_get_threads_count(threadpool));
  const bool may_stream = had_better_stream && can_stream(algorithm, channels, &split);
  char* workspaces = NULL;
  if (channels > XNNX_CACHED_ROW_CHANNELS && batch_size != 0) {
    const size_t rows_at_a_time = split.rows_per_task == 0 ? 1 : split.task_count;
    const size_t bytes = rows_at_a_time * workspace_bytes(&shape, may_stream && rows_overlap);
    workspaces = aligned_alloc(XNNX_STREAM_SCRATCH_ALIGNMENT, bytes);
    if (workspaces == NULL) {
      xnnx_set_last_error(
          "xnnx_reshape_softmax_nc_f32: no memory for %zu bytes in which to compute rows of %zu channels", bytes, channels);
      return xnn_status_out_of_memory;
    }
  }
  free(softmax->workspaces);
  softmax->workspaces = workspaces;
  softmax->shape = shape;
  softmax->split = split;
  softmax->algorithm = algorithm;
  softmax->is_small = is_small(&shape);
  softmax->is_far = xnnx_tensors_are_far(count_elements(&shape));
  softmax->may_stream = may_stream;
  choose_stores(softmax, /*stream=*/false);
  op->state = xnnx_operator_reshaped;
  return xnn_status_success;
}

static bool check_pointer(const char* name, const void* pointer)
{
  if (pointer == NULL) {
    xnnx_set_last_error("xnnx_setup_softmax_nc_f32: %s is NULL", name);
    return false;
  }
  if ((uintptr_t) pointer % sizeof(float) != 0) {
    xnnx_set_last_error("xnnx_setup_softmax_nc_f32: %s %p is not aligned to 4 bytes", name, pointer);
    return false;
  }
  return true;
}

// Whether an input row and an output row share elements, other than all rows being computed in place.
static bool overlap_in_part(const struct shape* shape, const float* input, const float* output)
{
  const bool equal_strides = shape->input_stride == shape->output_stride || shape->batch_size == 1;
  if (input == output && equal_strides) {
    return false;
  }
  const uintptr_t row_bytes = shape->channels * sizeof(float);
  const uintptr_t input_bytes = (shape->batch_size - 1) * shape->input_stride * sizeof(float) + row_bytes;
  const uintptr_t output_bytes = (shape->batch_size - 1) * shape->output_stride * sizeof(float) + row_bytes;
  const uintptr_t input_start = (uintptr_t) input;
  const uintptr_t output_start = (uintptr_t) output;
  if (input_start - output_start >= output_bytes && output_start - input_start >= input_bytes) {
    return false;  // neither starts within the other
  }
  if (!equal_strides || shape->batch_size == 1) {
    return true;
  }
  // Rows at the same stride may interleave, as columns of one wide matrix do.
  const uintptr_t distance = input_start > output_start ? input_start - output_start : output_start - input_start;
  const uintptr_t stride_bytes = shape->input_stride * sizeof(float);
  const uintptr_t column_distance = distance % stride_bytes;
  return column_distance < row_bytes || stride_bytes - column_distance < row_bytes;
}

enum xnn_status xnnx_setup_softmax_nc_f32(xnnx_operator_t op, const float* input, float* output)
{
  const enum xnn_status status = xnnx_check_operator_type("xnnx_setup_softmax_nc_f32", op, &softmax_type);
  if (status != xnn_status_success) {
    return status;
  }
  if (op->state == xnnx_operator_created) {
    xnnx_set_last_error(
        "xnnx_setup_softmax_nc_f32: the operator has no shape, xnnx_reshape_softmax_nc_f32 must come first");
    return xnn_status_invalid_state;
  }
  struct softmax* softmax = (struct softmax*) op;
  if (softmax->shape.batch_size != 0) {
    if (!check_pointer("input", input) || !check_pointer("output", output)) {
      return xnn_status_invalid_parameter;
    }
    if (overlap_in_part(&softmax->shape, input, output)) {
      xnnx_set_last_error(
          "xnnx_setup_softmax_nc_f32: input %p and output %p overlap in part", (const void*) input, (void*) output);
      return xnn_status_invalid_parameter;
    }
  }
  softmax->input = input;
  softmax->output = output;
  // In place the lines of the output are in a cache already.
  const bool stream = softmax->may_stream && input != output;
  if (stream != softmax->stream) {
    choose_stores(softmax, stream);
  }
  op->state = xnnx_operator_ready;
  return xnn_status_success;
}

static double scale_of_fully_masked(const struct softmax* softmax)
{
  return (softmax->flags & XNNX_FLAG_ZERO_FULLY_MASKED_ROWS) != 0 ? 0.0 : (double) NAN;
}

static struct xnnx_softmax_row get_row(const struct softmax* softmax, size_t row, const struct workspace* workspace)
{
  return (struct xnnx_softmax_row){
    .kernels = &softmax->kernels,
    .algorithm = softmax->algorithm,
    .scale_of_fully_masked = scale_of_fully_masked(softmax),
    .stream = softmax->stream,
    .is_far = softmax->is_far,
    .channels = softmax->shape.channels,
    .input = softmax->input + row * softmax->shape.input_stride,
    .output = softmax->output + row * softmax->shape.output_stride,
    .sums = workspace->sums,
    .maxima = workspace->maxima,
  };
}

static void compute_row(
    const struct softmax* softmax, size_t row, const struct workspace* workspace, pthreadpool_t threadpool)
{
  const struct xnnx_softmax_row softmax_row = get_row(softmax, row, workspace);
  xnnx_compute_softmax_row(&softmax_row, threadpool);
}

static void compute_rows(const struct softmax* softmax, size_t first, size_t last, const struct workspace* workspace)
{
  const struct shape* shape = &softmax->shape;
  if (softmax->algorithm == xnnx_softmax_blocked && softmax->stream) {
    const struct xnnx_softmax_row first_row = get_row(softmax, first, workspace);
    xnnx_stream_rows(
        &first_row, last - first, shape->input_stride, shape->output_stride, workspace->scratch, workspace->factors);
  } else {
    for (size_t row = first; row < last; row++) {
      compute_row(softmax, row, workspace, /*threadpool=*/NULL);
    }
  }
}

// Rows whose workspace fits the stack.
static void compute_cached_rows(const struct softmax* softmax, size_t first, size_t last)
{
  enum { block_count = XNNX_CACHED_ROW_CHANNELS / XNNX_BLOCK_ELEMENTS };
  _Alignas(XNNX_STREAM_SCRATCH_ALIGNMENT) float scratch[2 * XNNX_CACHED_ROW_CHANNELS];
  struct xnnx_pair sums[block_count];
  double factors[block_count];
  float maxima[block_count];
  const struct workspace workspace = {scratch, sums, factors, maxima};
  compute_rows(softmax, first, last, &workspace);
}

// Whether one kernel computes rows one after the other.
static bool has_rows_kernel(const struct softmax* softmax)
{
  const size_t channels = softmax->shape.channels;
  return softmax->algorithm == xnnx_softmax_one_pass ||
         (softmax->algorithm == xnnx_softmax_blocked && !softmax->stream && channels > XNNX_SHORT_ROW_CHANNELS &&
          channels <= XNNX_CACHED_ROW_CHANNELS);
}

static void compute_rows_by_kernel(const struct softmax* softmax, size_t first, size_t last)
{
  const struct shape* shape = &softmax->shape;
  softmax->kernels.softmaxrows(
      last - first, shape->channels, softmax->input + first * shape->input_stride, shape->input_stride,
      softmax->output + first * shape->output_stride, shape->output_stride, scale_of_fully_masked(softmax),
      softmax->is_far);
}

static void compute_task(void* context, size_t task)
{
  const struct softmax* softmax = context;
  const size_t first = task * softmax->split.rows_per_task;
  const size_t last = smaller(first + softmax->split.rows_per_task, softmax->shape.batch_size);
  if (has_rows_kernel(softmax)) {
    compute_rows_by_kernel(softmax, first, last);
  } else if (softmax->shape.channels <= XNNX_CACHED_ROW_CHANNELS) {
    compute_cached_rows(softmax, first, last);
  } else {
    const struct workspace workspace = get_workspace(softmax, task);
    compute_rows(softmax, first, last, &workspace);
  }
}

static void run_tasks(struct softmax* softmax, pthreadpool_t threadpool)
{
  if (threadpool == NULL) {
    for (size_t task = 0; task < softmax->split.task_count; task++) {
      compute_task(softmax, task);
    }
  } else {
    xnnx_parallelize_1d(threadpool, compute_task, softmax, softmax->split.task_count);
  }
}

// Tasks, and then the rows that are left over, one after the other.
static __attribute__((noinline)) void run_by_split(struct softmax* softmax, pthreadpool_t threadpool)
{
  const struct split* split = &softmax->split;
  const size_t batch_size = softmax->shape.batch_size;
  if (split->rows_per_task != 0) {
    run_tasks(softmax, threadpool);
  }
  for (size_t row = smaller(split->task_count * split->rows_per_task, batch_size); row < batch_size; row++) {
    const struct workspace workspace = get_workspace(softmax, /*task=*/0);
    compute_row(softmax, row, &workspace, threadpool);
  }
}

static void run_softmax(xnnx_operator_t op, pthreadpool_t threadpool)
{
  struct softmax* softmax = (struct softmax*) op;
  const size_t batch_size = softmax->shape.batch_size;
  last_run = softmax->description;
  if (batch_size == 0) {
    return;
  }
  if (softmax->is_small) {
    threadpool = NULL;
  }
  if (threadpool == NULL && has_rows_kernel(softmax)) {
    compute_rows_by_kernel(softmax, 0, batch_size);
  } else {
    run_by_split(softmax, threadpool);
  }
}

static const char* describe_softmax(xnnx_operator_t op)
{
  return xnnx_format_softmax_description(&((const struct softmax*) op)->description);
}

static void destroy_softmax(xnnx_operator_t op)
{
  struct softmax* softmax = (struct softmax*) op;
  free(softmax->workspaces);
  free(softmax);
}

const char* xnnx_describe_last_run(void)
{
  return last_run.algorithm == NULL ? "no softmax has run on this thread" : xnnx_format_softmax_description(&last_run);
}
