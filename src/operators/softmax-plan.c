#include "src/operators/softmax-plan.h"

#include <xnnpack-softmax.h>

#include "src/operators/softmax-row.h"
#include "src/operators/softmax-stream.h"

// Elements that are worth a task of their own: some microseconds of work; more where rows are fetched beside others, or leave
// past the caches beside others, of the same task.
static const size_t task_elements = 16384;
static const size_t far_task_elements = 262144;
// Rows that leave past the caches take longer each, by what is done for the last ones: from this length on it pays.
static const size_t least_streamed_channels = 512;
// Up to this number of elements, other threads, even those that wait awake, cost more than they save.
static const size_t serial_elements = 8192;
// The same for rows whose threads wait for each other between passes.
static const size_t serial_elements_of_long_rows = 32768;

static size_t divide_round_up(size_t a, size_t b)
{
  return a / b + (a % b != 0);
}

// Rows beyond XNNX_CACHED_ROW_CHANNELS: a task a thread, each with an equal run of rows. Shorter rows: tasks of several
// rows, which threads take from each other.
static void split_rows(
    struct xnnx_softmax_plan* plan, const struct xnnx_softmax_shape* shape, size_t elements_per_task, size_t thread_count)
{
  if (shape->channels > XNNX_CACHED_ROW_CHANNELS) {
    plan->task_count = thread_count;
    plan->rows_per_task = shape->batch_size / thread_count;
  } else {
    const size_t rows_of_thread = divide_round_up(shape->batch_size, thread_count);
    const size_t rows = divide_round_up(elements_per_task, shape->channels);
    plan->rows_per_task = rows_of_thread != 0 && rows_of_thread < rows ? rows_of_thread : rows;
    plan->task_count = divide_round_up(shape->batch_size, plan->rows_per_task);
  }
}

// Whether results can go past the caches: they are not read again or, in blocks, wait in a cache until the next row of their
// task is computed.
static bool are_results_final(const struct xnnx_softmax_plan* plan, size_t channels)
{
  switch (plan->algorithm) {
    case xnnx_softmax_one_pass:
    case xnnx_softmax_three_pass_reload:
      return false;
    case xnnx_softmax_two_pass:
    case xnnx_softmax_three_pass_recompute:
      return true;
    case xnnx_softmax_blocked:
      break;
  }
  return plan->rows_per_task != 0 && channels >= least_streamed_channels && xnnx_row_may_wait_in_cache(channels);
}

// Shorter rows have theirs on the stack.
static void reserve_workspaces(struct xnnx_softmax_plan* plan, const struct xnnx_softmax_shape* shape)
{
  if (shape->channels <= XNNX_CACHED_ROW_CHANNELS || shape->batch_size == 0) {
    return;
  }
  const size_t bytes_of_block = sizeof(struct xnnx_pair) + sizeof(double) + sizeof(float);
  if (plan->may_stream && plan->algorithm == xnnx_softmax_blocked) {
    plan->scratch_bytes = xnnx_stream_scratch_elements(shape->channels) * sizeof(float);
  }
  const size_t bytes = plan->scratch_bytes + xnnx_block_count(shape->channels) * bytes_of_block;
  plan->workspace_bytes =
      divide_round_up(bytes, XNNX_STREAM_SCRATCH_ALIGNMENT) * XNNX_STREAM_SCRATCH_ALIGNMENT;
  plan->workspace_count = plan->rows_per_task == 0 ? 1 : plan->task_count;
}

struct xnnx_softmax_plan xnnx_plan_softmax(
    uint32_t flags,
    const struct xnnx_softmax_shape* shape,
    size_t thread_count,
    const struct xnnx_softmax_kernels* kernels)
{
  const size_t elements = shape->channels * shape->batch_size;
  const bool has_long_rows = shape->channels > XNNX_CACHED_ROW_CHANNELS;
  const bool wants_stream = (flags & XNNX_FLAG_KEEP_OUTPUT_IN_CACHE) == 0 && xnnx_tensors_exceed_caches(elements);
  struct xnnx_softmax_plan plan = {
    .algorithm = xnnx_choose_softmax_algorithm(flags, shape->channels, kernels),
    .is_small = elements <= (has_long_rows ? serial_elements_of_long_rows : serial_elements),
    .is_far = xnnx_tensors_are_far(elements),
  };
  split_rows(&plan, shape, plan.is_far ? far_task_elements : task_elements, plan.is_small ? 1 : thread_count);
  plan.may_stream = wants_stream && are_results_final(&plan, shape->channels);
  reserve_workspaces(&plan, shape);
  return plan;
}
