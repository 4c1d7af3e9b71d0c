#include "src/operators/softmax-row.h"

#include "src/operators/floating-point-environment.h"
#include "src/xnnx/sums.h"

// Source and sink: where a block comes from, and where its results go.
static const float* input_of(const struct xnnx_softmax_row* row, size_t block)
{
  return row->input + block * XNNX_BLOCK_ELEMENTS;
}

static float* output_of(const struct xnnx_softmax_row* row, size_t block)
{
  return row->output + block * XNNX_BLOCK_ELEMENTS;
}

static size_t count_elements(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  return (last - first - 1) * XNNX_BLOCK_ELEMENTS + xnnx_block_elements(row->channels, last - 1);
}

static void find_maxima(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  for (size_t block = first; block < last; block++) {
    row->kernels->rmax(xnnx_block_elements(row->channels, block), input_of(row, block), &row->maxima[block]);
  }
}

static void sum_blocks_below_maxima(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  for (size_t block = first; block < last; block++) {
    const size_t count = xnnx_block_elements(row->channels, block);
    row->kernels->raddexpminusmax(count, input_of(row, block), row->maxima[block], &row->sums[block]);
  }
}

static void store_blocks_below_maxima(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  for (size_t block = first; block < last; block++) {
    float max = row->maxima[block];
    row->kernels->raddstoreexpminusmax(
        xnnx_block_elements(row->channels, block), input_of(row, block), output_of(row, block), &max, &row->sums[block],
        /*next_count=*/0, /*next_input=*/NULL, row->is_far, /*streamed=*/NULL);
  }
}

static void store_blocks(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  float max;
  row->kernels->rmax(xnnx_block_elements(row->channels, first), input_of(row, first), &max);
  row->kernels->raddstoreexpminusmax(
      count_elements(row, first, last), input_of(row, first), output_of(row, first), &max, &row->sums[first],
      /*next_count=*/0, /*next_input=*/NULL, row->is_far, /*streamed=*/NULL);
}

static void sum_blocks(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  row->kernels->raddextexp(count_elements(row, first, last), input_of(row, first), &row->sums[first]);
}

static void multiply_blocks(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  for (size_t block = first; block < last; block++) {
    float* output = output_of(row, block);
    row->kernels->vmulc(
        xnnx_block_elements(row->channels, block), output, output, row->factors[block], /*stream=*/false);
  }
}

static void recompute_blocks(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  for (size_t block = first; block < last; block++) {
    const struct xnnx_pair sum = row->sums[block];
    row->kernels->vscaleextexp(
        xnnx_block_elements(row->channels, block), input_of(row, block), output_of(row, block), sum.exponent, sum.shift,
        row->factors[block], row->stream);
  }
}

static void recompute_blocks_below_maxima(const struct xnnx_softmax_row* row, size_t first, size_t last)
{
  for (size_t block = first; block < last; block++) {
    row->kernels->vscaleexpminusmax(
        xnnx_block_elements(row->channels, block), input_of(row, block), output_of(row, block), row->maxima[block],
        row->factors[block], row->stream);
  }
}

typedef void (*compute_blocks)(const struct xnnx_softmax_row* row, size_t first, size_t last);

// What an algorithm does with blocks. Between reducing and finishing them they are merged.
struct algorithm {
  compute_blocks find_maxima;  // NULL: reducing finds them
  compute_blocks reduce;       // to a sum each; what is stored waits in the output
  compute_blocks finish;
};

static struct algorithm algorithm_of(const struct xnnx_softmax_row* row)
{
  switch (row->algorithm) {
    case xnnx_softmax_two_pass:
      return (struct algorithm){NULL, sum_blocks, recompute_blocks};
    case xnnx_softmax_three_pass_recompute:
      return (struct algorithm){find_maxima, sum_blocks_below_maxima, recompute_blocks_below_maxima};
    case xnnx_softmax_three_pass_reload:
      return (struct algorithm){find_maxima, store_blocks_below_maxima, multiply_blocks};
    case xnnx_softmax_blocked:
    case xnnx_softmax_one_pass:
      break;
  }
  return (struct algorithm){NULL, store_blocks, multiply_blocks};
}

// One of these, over all blocks of a row: within a step no block depends on another.
struct step {
  compute_blocks compute;
  const struct xnnx_softmax_row* row;
  size_t blocks_per_task;
};

// On whichever thread takes it.
static void compute_task(void* context, size_t task)
{
  const struct step* step = context;
  const size_t first = task * step->blocks_per_task;
  const size_t rest = xnnx_block_count(step->row->channels) - first;
  const xnnx_floating_point_environment callers = xnnx_enter_floating_point();
  step->compute(step->row, first, first + (rest < step->blocks_per_task ? rest : step->blocks_per_task));
  xnnx_leave_floating_point(callers);
}

static void run_step(
    const struct xnnx_softmax_row* row, compute_blocks compute, size_t blocks_per_task, pthreadpool_t threadpool)
{
  struct step step = {compute, row, blocks_per_task};
  const size_t block_count = xnnx_block_count(row->channels);
  if (threadpool == NULL) {
    compute(row, 0, block_count);
  } else {
    const size_t task_count = (block_count + blocks_per_task - 1) / blocks_per_task;
    pthreadpool_parallelize_1d(threadpool, compute_task, &step, task_count, /*flags=*/0);
  }
}

// Some tasks for each thread, because some threads are slower; and blocks in sequence in each, because a block finds the
// maximum of the next one.
static size_t choose_blocks_per_task(size_t block_count, pthreadpool_t threadpool)
{
  const size_t most = 8;
  const size_t blocks = block_count / (4 * pthreadpool_get_threads_count(threadpool));
  return blocks == 0 ? 1 : blocks < most ? blocks : most;
}

void xnnx_compute_softmax_row(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  const size_t block_count = xnnx_block_count(row->channels);
  const size_t blocks_per_task = choose_blocks_per_task(block_count, threadpool);
  const struct algorithm algorithm = algorithm_of(row);
  if (algorithm.find_maxima != NULL) {
    run_step(row, algorithm.find_maxima, blocks_per_task, threadpool);
  }
  run_step(row, algorithm.reduce, blocks_per_task, threadpool);
  xnnx_find_factors(block_count, row->sums, row->scale_of_fully_masked, row->factors);
  run_step(row, algorithm.finish, blocks_per_task, threadpool);
}
