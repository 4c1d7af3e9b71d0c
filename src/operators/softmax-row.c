#include "src/operators/softmax-row.h"

#include "src/operators/parallelize.h"
#include "src/xnnx/sums.h"

// One step of an algorithm over all blocks of a row. Within a step no block depends on another.
struct step {
  void (*compute_blocks)(const struct step* step, size_t first, size_t last);
  const struct xnnx_softmax_row* row;
  size_t blocks_per_task;
  // What the last step needs to know of the row.
  struct xnnx_pair sum;
  double scale;
};

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

static void find_maxima(const struct step* step, size_t first, size_t last)
{
  const struct xnnx_softmax_row* row = step->row;
  for (size_t block = first; block < last; block++) {
    row->kernels->rmax(xnnx_block_elements(row->channels, block), input_of(row, block), &row->maxima[block]);
  }
}

static void sum_blocks_below_maxima(const struct step* step, size_t first, size_t last)
{
  const struct xnnx_softmax_row* row = step->row;
  for (size_t block = first; block < last; block++) {
    const size_t count = xnnx_block_elements(row->channels, block);
    row->kernels->raddexpminusmax(count, input_of(row, block), row->maxima[block], &row->sums[block]);
  }
}

static void store_blocks_below_maxima(const struct step* step, size_t first, size_t last)
{
  const struct xnnx_softmax_row* row = step->row;
  for (size_t block = first; block < last; block++) {
    float max = row->maxima[block];
    row->kernels->raddstoreexpminusmax(
        xnnx_block_elements(row->channels, block), input_of(row, block), output_of(row, block), &max, &row->sums[block],
        /*next_count=*/0, /*next_input=*/NULL, row->is_far, /*streamed=*/NULL);
  }
}

static void store_blocks(const struct step* step, size_t first, size_t last)
{
  const struct xnnx_softmax_row* row = step->row;
  float max;
  row->kernels->rmax(xnnx_block_elements(row->channels, first), input_of(row, first), &max);
  row->kernels->raddstoreexpminusmax(
      count_elements(row, first, last), input_of(row, first), output_of(row, first), &max, &row->sums[first],
      /*next_count=*/0, /*next_input=*/NULL, row->is_far, /*streamed=*/NULL);
}

static void sum_blocks(const struct step* step, size_t first, size_t last)
{
  const struct xnnx_softmax_row* row = step->row;
  row->kernels->raddextexp(count_elements(row, first, last), input_of(row, first), &row->sums[first]);
}

static void multiply_block(const struct xnnx_softmax_row* row, size_t count, size_t block, double factor)
{
  float* output = output_of(row, block);
  row->kernels->vmulc(count, output, output, factor, /*stream=*/false);
}

static void recompute_block(const struct xnnx_softmax_row* row, size_t count, size_t block, double factor)
{
  const struct xnnx_pair sum = row->sums[block];
  row->kernels->vscaleextexp(
      count, input_of(row, block), output_of(row, block), sum.exponent, sum.shift, factor, row->stream);
}

static void recompute_block_below_maximum(const struct xnnx_softmax_row* row, size_t count, size_t block, double factor)
{
  row->kernels->vscaleexpminusmax(
      count, input_of(row, block), output_of(row, block), row->maxima[block], factor, row->stream);
}

// What each algorithm does: the steps that sum, and how a block ends.
struct algorithm {
  void (*find_maxima)(const struct step* step, size_t first, size_t last);
  void (*sum_blocks)(const struct step* step, size_t first, size_t last);
  void (*finish_block)(const struct xnnx_softmax_row* row, size_t count, size_t block, double factor);
};

static struct algorithm algorithm_of(const struct xnnx_softmax_row* row)
{
  switch (row->algorithm) {
    case xnnx_softmax_two_pass:
      return (struct algorithm){NULL, sum_blocks, recompute_block};
    case xnnx_softmax_three_pass_recompute:
      return (struct algorithm){find_maxima, sum_blocks_below_maxima, recompute_block_below_maximum};
    case xnnx_softmax_three_pass_reload:
      return (struct algorithm){find_maxima, store_blocks_below_maxima, multiply_block};
    case xnnx_softmax_blocked:
    case xnnx_softmax_one_pass:
      break;
  }
  return (struct algorithm){NULL, store_blocks, multiply_block};
}

static void finish_blocks(const struct step* step, size_t first, size_t last)
{
  const struct xnnx_softmax_row* row = step->row;
  const struct algorithm algorithm = algorithm_of(row);
  for (size_t block = first; block < last; block++) {
    const double factor = xnnx_factor_of_block(row->sums[block], step->sum, step->scale);
    algorithm.finish_block(row, xnnx_block_elements(row->channels, block), block, factor);
  }
}

static void compute_task(void* context, size_t task)
{
  const struct step* step = context;
  const size_t first = task * step->blocks_per_task;
  const size_t rest = xnnx_block_count(step->row->channels) - first;
  step->compute_blocks(step, first, first + (rest < step->blocks_per_task ? rest : step->blocks_per_task));
}

static void run_step(struct step* step, pthreadpool_t threadpool)
{
  const size_t block_count = xnnx_block_count(step->row->channels);
  if (threadpool == NULL) {
    step->compute_blocks(step, 0, block_count);
  } else {
    xnnx_parallelize_1d(
        threadpool, compute_task, step, (block_count + step->blocks_per_task - 1) / step->blocks_per_task);
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
  const struct algorithm algorithm = algorithm_of(row);
  struct step step = {.row = row, .blocks_per_task = choose_blocks_per_task(block_count, threadpool)};
  if (algorithm.find_maxima != NULL) {
    step.compute_blocks = algorithm.find_maxima;
    run_step(&step, threadpool);
  }
  step.compute_blocks = algorithm.sum_blocks;
  run_step(&step, threadpool);
  step.sum = xnnx_add_sums(row->sums, block_count);
  step.scale = xnnx_scale_of_sum(step.sum.mantissa, row->scale_of_fully_masked);
  step.compute_blocks = finish_blocks;
  run_step(&step, threadpool);
}
