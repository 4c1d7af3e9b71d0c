#include "src/operators/softmax-blocked.h"

#include "src/operators/softmax-steps.h"
#include "src/xnnx/exp.h"

double xnnx_begin_product(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor)
{
  if (factor < 0x1p-90) {
    kernels->vmulc(count * sizeof(float), output, output, 0x1p-64);
    factor *= 0x1p+64;
  }
  return factor;
}

static void multiply(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor)
{
  factor = xnnx_begin_product(kernels, count, output, factor);
  kernels->vmulc(count * sizeof(float), output, output, factor);
}

// Stores what is not stored yet, relative to the exponent of its maximum, and brings the block's other elements to
// that.
static void store_rest(
    const struct xnnx_softmax_row* row, size_t offset, size_t count, struct xnnx_stored_block* block, float max)
{
  const size_t stored = block->stored_elements;
  const int exponent = (int) xnnx_exponent(max);
  double sum;
  row->kernels->raddstoreexpminusmax(
      (count - stored) * sizeof(float), row->input + offset + stored, row->output + offset + stored, &sum, max, max);
  if (stored != 0) {
    const double rescale = xnnx_power_of_two((double) (block->exponent - exponent));
    multiply(row->kernels, stored, row->output + offset, rescale);
    sum += block->sum * rescale;
  }
  *block = (struct xnnx_stored_block){.sum = sum, .exponent = exponent, .stored_elements = (unsigned int) count};
}

void xnnx_store_rest_of_block(
    const struct xnnx_softmax_row* row, size_t offset, size_t count, struct xnnx_stored_block* block)
{
  const size_t stored = block->stored_elements;
  if (stored == count) {
    return;
  }
  float max;
  row->kernels->rmax((count - stored) * sizeof(float), row->input + offset + stored, &max);
  if (xnnx_is_storable(max)) {
    store_rest(row, offset, count, block, max);
  } else if (max < INFINITY) {
    block->max_of_rest = max;
  } else {
    // The whole row is NaN.
    *block = (struct xnnx_stored_block){.sum = (double) NAN, .stored_elements = (unsigned int) count};
  }
}

static void store_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  const struct xnnx_softmax_row* row = step->row;
  const float* input = row->input + offset;
  const float estimate = xnnx_estimate_max(row->kernels, count, input);
  // In place there are no lines of the output that those of later blocks would displace.
  const float* input_to_fetch = row->input == row->output ? input + count : input;
  size_t stored_bytes;
  const double sum = xnnx_store_start_of_block(
      row->kernels, count, input, row->output + offset, estimate, &stored_bytes, input_to_fetch);
  partial->stored_block = xnnx_describe_start_of_block(sum, estimate, stored_bytes);
  xnnx_store_rest_of_block(row, offset, count, &partial->stored_block);
}

// Beside the maximum of a rest that could not be stored, what was stored is nothing.
static void blank_stored(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) count;
  for (size_t i = 0; i < partial->stored_block.stored_elements; i++) {
    step->row->output[offset + i] = -INFINITY;
  }
}

static void complete_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  struct xnnx_stored_block* block = &partial->stored_block;
  if (block->stored_elements != count) {
    // Below the lowest direct argument all are nothing beside what is stored of other blocks.
    const bool is_direct = block->max_of_rest >= -XNNX_EXP_LARGEST_DIRECT_ARGUMENT;
    const float max = is_direct ? block->max_of_rest : -XNNX_EXP_LARGEST_DIRECT_ARGUMENT;
    store_rest(step->row, offset, count, block, max);
  }
}

static void scale_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  const double factor = xnnx_factor_of_block(&partial->stored_block, step->scale, step->exponent);
  multiply(step->row->kernels, count, step->row->output + offset, factor);
}

struct xnnx_pair xnnx_sum_blocks(const struct xnnx_softmax_row* row)
{
  const size_t block_count = xnnx_block_count(row->channels);
  struct xnnx_pair sum = {.mantissa = 0.0, .exponent = row->partials[0].stored_block.exponent};
  for (size_t i = 1; i < block_count; i++) {
    sum.exponent = fmax(sum.exponent, row->partials[i].stored_block.exponent);
  }
  for (size_t i = 0; i < block_count; i++) {
    const struct xnnx_stored_block* block = &row->partials[i].stored_block;
    sum.mantissa += block->sum * xnnx_power_of_two((double) block->exponent - sum.exponent);
  }
  return sum;
}

struct rests {
  bool exist;
  bool are_all;  // no element is stored
  float max;
};

static struct rests find_rests(const struct xnnx_softmax_row* row)
{
  struct rests rests = {.exist = false, .are_all = true, .max = -INFINITY};
  for (size_t i = 0; i < xnnx_block_count(row->channels); i++) {
    const struct xnnx_stored_block* block = &row->partials[i].stored_block;
    const bool has_rest = block->stored_elements < xnnx_block_elements(row->channels, i);
    rests.exist |= has_rest;
    rests.are_all &= block->stored_elements == 0;
    rests.max = has_rest && block->max_of_rest > rests.max ? block->max_of_rest : rests.max;
  }
  return rests;
}

bool xnnx_finish_blocked(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  struct xnnx_pair sum = xnnx_sum_blocks(row);
  const struct rests rests = find_rests(row);
  if (rests.exist && !isnan(sum.mantissa)) {
    if (rests.are_all) {
      return false;
    }
    if (rests.max > XNNX_EXP_LARGEST_DIRECT_ARGUMENT) {
      xnnx_run_step((struct xnnx_step){.compute_block = blank_stored, .row = row}, threadpool);
      return false;
    }
    xnnx_run_step((struct xnnx_step){.compute_block = complete_block, .row = row}, threadpool);
    sum = xnnx_sum_blocks(row);
  }
  if (isnan(sum.mantissa)) {
    xnnx_fill_row(row, NAN, threadpool);
    return true;
  }
  xnnx_run_step(
      (struct xnnx_step){
        .compute_block = scale_block,
        .row = row,
        .exponent = (float) sum.exponent,
        .scale = 1.0 / sum.mantissa,
      },
      threadpool);
  return true;
}

bool xnnx_compute_blocked(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  xnnx_run_step((struct xnnx_step){.compute_block = store_block, .row = row}, threadpool);
  return xnnx_finish_blocked(row, threadpool);
}
