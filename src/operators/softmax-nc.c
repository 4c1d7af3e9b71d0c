#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <xnnpack-softmax.h>

#include "src/operators/floating-point-environment.h"
#include "src/operators/softmax-description.h"
#include "src/operators/softmax-plan.h"
#include "src/operators/softmax-row.h"
#include "src/operators/softmax-stream.h"
#include "src/xnnx/error.h"
#include "src/xnnx/isa.h"
#include "src/xnnx/operator.h"
#include "src/xnnx/softmax-algorithm.h"
#include "src/xnnx/softmax-flags.h"
#include "src/xnnx/softmax-kernels.h"
#include "src/xnnx/thread-local.h"

struct softmax {
  struct xnnx_operator base;  // first, so that a pointer to one is a pointer to the other
  uint32_t flags;
  struct xnnx_softmax_kernels kernels;

  struct xnnx_softmax_shape shape;
  struct xnnx_softmax_plan plan;
  struct xnnx_softmax_description description;
  char* workspaces;  // as many as the plan says

  const float* input;
  float* output;
  bool stream;  // whether the output goes past the caches: see xnnx_softmax_row and softmax-stream.h
  bool has_rows_kernel;  // one kernel computes rows one after the other
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

static struct workspace get_workspace(const struct softmax* softmax, size_t task)
{
  const size_t block_count = xnnx_block_count(softmax->shape.channels);
  char* bytes = softmax->workspaces + task * softmax->plan.workspace_bytes;
  struct workspace workspace = {.scratch = (float*) bytes};
  bytes += softmax->plan.scratch_bytes;
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
      softmax->shape.batch_size, softmax->shape.channels, softmax->plan.algorithm, stream, &softmax->kernels);
}

static enum xnn_status check_shape(const struct xnnx_softmax_shape* shape)
{
  if (shape->channels == 0) {
    xnnx_set_last_error("xnnx_reshape_softmax_nc_f32: channels is 0");
    return xnn_status_invalid_parameter;
  }
  if (!check_stride("input_stride", shape->input_stride, shape->channels) ||
      !check_stride("output_stride", shape->output_stride, shape->channels)) {
    return xnn_status_invalid_parameter;
  }
  if (!check_size("input_stride", shape->input_stride, shape->batch_size) ||
      !check_size("output_stride", shape->output_stride, shape->batch_size)) {
    return xnn_status_unsupported_parameter;
  }
  return xnn_status_success;
}

enum xnn_status xnnx_reshape_softmax_nc_f32(
    xnnx_operator_t op,
    size_t channels,
    size_t input_stride,
    size_t output_stride,
    size_t batch_size,
    pthreadpool_t threadpool)
{
  enum xnn_status status = xnnx_check_operator_type("xnnx_reshape_softmax_nc_f32", op, &softmax_type);
  if (status != xnn_status_success) {
    return status;
  }
  const struct xnnx_softmax_shape shape = {channels, input_stride, output_stride, batch_size};
  status = check_shape(&shape);
  if (status != xnn_status_success) {
    return status;
  }
  struct softmax* softmax = (struct softmax*) op;
  const struct xnnx_softmax_plan plan =
      xnnx_plan_softmax(softmax->flags, &shape, pthreadpool_get_threads_count(threadpool), &softmax->kernels);
  const size_t bytes = plan.workspace_count * plan.workspace_bytes;
  char* workspaces = bytes == 0 ? NULL : aligned_alloc(XNNX_STREAM_SCRATCH_ALIGNMENT, bytes);
  if (workspaces == NULL && bytes != 0) {
    xnnx_set_last_error(
        "xnnx_reshape_softmax_nc_f32: no memory for %zu bytes in which to compute rows of %zu channels", bytes, channels);
    return xnn_status_out_of_memory;
  }
  free(softmax->workspaces);
  softmax->workspaces = workspaces;
  softmax->shape = shape;
  softmax->plan = plan;
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
static bool overlap_in_part(const struct xnnx_softmax_shape* shape, const float* input, const float* output)
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

static bool has_rows_kernel(const struct softmax* softmax)
{
  const size_t channels = softmax->shape.channels;
  return softmax->plan.algorithm == xnnx_softmax_one_pass ||
         (softmax->plan.algorithm == xnnx_softmax_blocked && !softmax->stream && channels > XNNX_SHORT_ROW_CHANNELS &&
          channels <= XNNX_CACHED_ROW_CHANNELS);
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
  const bool stream = softmax->plan.may_stream && input != output;
  if (stream != softmax->stream) {
    choose_stores(softmax, stream);
  }
  softmax->has_rows_kernel = has_rows_kernel(softmax);
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
    .algorithm = softmax->plan.algorithm,
    .scale_of_fully_masked = scale_of_fully_masked(softmax),
    .stream = softmax->stream,
    .is_far = softmax->plan.is_far,
    .channels = softmax->shape.channels,
    .input = softmax->input + row * softmax->shape.input_stride,
    .output = softmax->output + row * softmax->shape.output_stride,
    .sums = workspace->sums,
    .factors = workspace->factors,
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
  const struct xnnx_softmax_shape* shape = &softmax->shape;
  if (softmax->plan.algorithm == xnnx_softmax_blocked && softmax->stream) {
    const struct xnnx_softmax_row first_row = get_row(softmax, first, workspace);
    xnnx_stream_rows(
        &first_row, last - first, shape->input_stride, shape->output_stride, workspace->scratch);
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

static void compute_rows_by_kernel(const struct softmax* softmax, size_t first, size_t last)
{
  const struct xnnx_softmax_shape* shape = &softmax->shape;
  softmax->kernels.softmaxrows(
      last - first, shape->channels, softmax->input + first * shape->input_stride, shape->input_stride,
      softmax->output + first * shape->output_stride, shape->output_stride, scale_of_fully_masked(softmax),
      softmax->plan.is_far);
}

static void compute_task(const struct softmax* softmax, size_t task)
{
  const size_t first = task * softmax->plan.rows_per_task;
  const size_t last = smaller(first + softmax->plan.rows_per_task, softmax->shape.batch_size);
  if (softmax->has_rows_kernel) {
    compute_rows_by_kernel(softmax, first, last);
  } else if (softmax->shape.channels <= XNNX_CACHED_ROW_CHANNELS) {
    compute_cached_rows(softmax, first, last);
  } else {
    const struct workspace workspace = get_workspace(softmax, task);
    compute_rows(softmax, first, last, &workspace);
  }
}

// On whichever thread takes it. The operator itself is the context: a new one would have to come from the caller's core.
static void compute_task_of_pool(void* softmax, size_t task)
{
  const xnnx_floating_point_environment callers = xnnx_enter_floating_point();
  compute_task(softmax, task);
  xnnx_leave_floating_point(callers);
}

static void run_tasks(struct softmax* softmax, pthreadpool_t threadpool)
{
  if (threadpool == NULL) {
    for (size_t task = 0; task < softmax->plan.task_count; task++) {
      compute_task(softmax, task);
    }
  } else {
    pthreadpool_parallelize_1d(threadpool, compute_task_of_pool, softmax, softmax->plan.task_count, /*flags=*/0);
  }
}

// Tasks, and then the rows that are left over.
static __attribute__((noinline)) void run_plan(struct softmax* softmax, pthreadpool_t threadpool)
{
  const struct xnnx_softmax_plan* plan = &softmax->plan;
  const size_t batch_size = softmax->shape.batch_size;
  if (plan->rows_per_task != 0) {
    run_tasks(softmax, threadpool);
  }
  for (size_t row = smaller(plan->task_count * plan->rows_per_task, batch_size); row < batch_size; row++) {
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
  if (softmax->plan.is_small) {
    threadpool = NULL;
  }
  if (threadpool == NULL && softmax->has_rows_kernel) {
    compute_rows_by_kernel(softmax, 0, batch_size);
  } else {
    run_plan(softmax, threadpool);
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
