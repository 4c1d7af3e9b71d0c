#include "src/operators/softmax-row.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "src/operators/softmax-steps.h"
#include "src/xnnx/exp.h"

static void find_block_max(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  step->row->kernels->rmax(count * sizeof(float), step->row->input + offset, &partial->max);
}

static float find_max(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  xnnx_run_step((struct xnnx_step){.compute_block = find_block_max, .row = row}, threadpool);
  float max = row->partials[0].max;
  for (size_t block = 1; block < xnnx_block_count(row->channels); block++) {
    max = row->partials[block].max > max ? row->partials[block].max : max;
  }
  return max;
}

// Three passes. The maximum of the block, which the step before found, is read before the sum takes its place.
static void sum_block(const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  const struct xnnx_softmax_row* row = step->row;
  row->kernels->raddexpminusmax(
      count * sizeof(float), row->input + offset, &partial->sum_below_max, step->max, partial->max - step->sum.shift,
      step->sum.shift);
}

static void store_and_sum_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  const struct xnnx_softmax_row* row = step->row;
  row->kernels->raddstoreexpminusmax(
      count * sizeof(float), row->input + offset, row->output + offset, &partial->sum_below_max, step->max,
      partial->max - step->sum.shift, step->sum.shift);
}

static void scale_block_below_max(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) partial;
  float* output = step->row->output + offset;
  step->row->kernels->vmulc(count * sizeof(float), output, output, step->scale);
}

static void recompute_block_from_max(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) partial;
  const struct xnnx_softmax_row* row = step->row;
  const float* input = row->input + offset;
  float* output = row->output + offset;
  if (row->stream) {
    row->kernels->vscaleextexpstream(
        count * sizeof(float), input, output, step->scale, xnnx_exponent(step->max), step->sum.shift);
  } else {
    row->kernels->vscaleexpminusmax(count * sizeof(float), input, output, step->scale, step->max, step->sum.shift);
  }
}

static void fill_block(const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) partial;
  float* output = step->row->output + offset;
  memset(output, 0, count * sizeof(float));
  if (isnan(step->scale)) {
    step->row->kernels->vmulc(count * sizeof(float), output, output, step->scale);
  }
}

// Whether a row that sums to `sum` has no probabilities: it is NaN then, or zeros, throughout.
static bool fill_row_without_sum(const struct xnnx_softmax_row* row, double sum, pthreadpool_t threadpool)
{
  if (sum > 0.0) {
    return false;
  }
  const double scale = xnnx_scale_of_sum(sum, row->zero_if_fully_masked);
  xnnx_run_step((struct xnnx_step){.compute_block = fill_block, .row = row, .scale = scale}, threadpool);
  return true;
}

static void compute_three_passes(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  const bool reload = row->algorithm == xnnx_softmax_three_pass_reload;
  const float max = find_max(row, threadpool);
  if (isnan(max) || max == INFINITY) {
    fill_row_without_sum(row, (double) NAN, threadpool);
    return;
  }
  struct xnnx_step step = {
    .compute_block = reload ? store_and_sum_block : sum_block,
    .row = row,
    .sum = {.shift = xnnx_shift_of(max)},
  };
  step.max = max == -INFINITY ? 0.0f : max - step.sum.shift;
  xnnx_run_step(step, threadpool);
  double sum = 0.0;
  for (size_t block = 0; block < xnnx_block_count(row->channels); block++) {
    sum += row->partials[block].sum_below_max;
  }
  if (fill_row_without_sum(row, sum, threadpool)) {
    return;
  }
  step.compute_block = reload ? scale_block_below_max : recompute_block_from_max;
  step.scale = 1.0 / sum;
  xnnx_run_step(step, threadpool);
}

// Whether the sum of a block's elements minus the shift needs no other shift.
static bool sum_as_pair(const struct xnnx_step* step, size_t offset, size_t count, float shift, struct xnnx_block_sum* sum)
{
  struct xnnx_pair pair;
  step->row->kernels->raddextexp(count * sizeof(float), step->row->input + offset, &pair, shift);
  *sum = (struct xnnx_block_sum){.mantissa = pair.mantissa, .shift = shift, .exponent = (float) pair.exponent};
  return shift == 0.0f ? xnnx_is_unshifted_exponent(pair.exponent)
                       : xnnx_is_exponent_within(pair.exponent, XNNX_EXP_LARGEST_SHIFTED_ARGUMENT);
}

// Two passes. The shift is that of the row, or none, or else that of the block's own maximum.
static void sum_block_as_pair(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  if (sum_as_pair(step, offset, count, step->sum.shift, &partial->sum) ||
      (step->sum.shift != 0.0f && sum_as_pair(step, offset, count, 0.0f, &partial->sum))) {
    return;
  }
  float max;
  step->row->kernels->rmax(count * sizeof(float), step->row->input + offset, &max);
  if (isnan(max) || max == INFINITY) {
    partial->sum = (struct xnnx_block_sum){.mantissa = (double) NAN};
  } else if (partial->sum.shift != xnnx_shift_of(max)) {
    sum_as_pair(step, offset, count, xnnx_shift_of(max), &partial->sum);
  }
}

static void recompute_block_from_exponent(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) partial;
  const struct xnnx_softmax_row* row = step->row;
  const xnnx_f32_vscaleextexp_fn vscaleextexp =
      row->stream ? row->kernels->vscaleextexpstream : row->kernels->vscaleextexp;
  vscaleextexp(
      count * sizeof(float), row->input + offset, row->output + offset, step->scale, step->sum.exponent, step->sum.shift);
}

// The shift that most of the row's blocks are likely to need.
static float estimate_shift(const struct xnnx_softmax_row* row)
{
  const struct xnnx_estimate first = xnnx_estimate_max(row->kernels, xnnx_block_elements(row->channels, 0), row->input);
  const size_t last_block = xnnx_block_count(row->channels) - 1;
  const struct xnnx_estimate last = xnnx_estimate_max(
      row->kernels, xnnx_block_elements(row->channels, last_block), row->input + last_block * XNNX_BLOCK_ELEMENTS);
  return fmaxf(first.shift, last.shift);
}

static struct xnnx_block_sum add_partial_sums(const struct xnnx_softmax_row* row)
{
  return xnnx_add_block_sums(&row->partials[0].sum, xnnx_block_count(row->channels));
}

static void compute_two_passes(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  struct xnnx_step step = {.compute_block = sum_block_as_pair, .row = row, .sum = {.shift = estimate_shift(row)}};
  xnnx_run_step(step, threadpool);
  step.sum = add_partial_sums(row);
  if (fill_row_without_sum(row, step.sum.mantissa, threadpool)) {
    return;
  }
  step.compute_block = recompute_block_from_exponent;
  step.scale = 1.0 / step.sum.mantissa;
  xnnx_run_step(step, threadpool);
}

static void store_block(const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  const struct xnnx_softmax_row* row = step->row;
  const float* input = row->input + offset;
  const struct xnnx_estimate estimate = xnnx_estimate_max(row->kernels, count, input);
  // In place there are no lines of the output that those of later blocks would displace.
  const float* input_to_fetch = row->input == row->output ? input + count : input;
  partial->sum = xnnx_store_block(row->kernels, count, input, row->output + offset, estimate, input_to_fetch);
}

static void scale_block(const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  const double factor = step->scale * xnnx_ratio_of_scales(partial->sum, step->sum);
  xnnx_multiply_block(step->row->kernels, count, step->row->output + offset, factor);
}

static void compute_blocked(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  struct xnnx_step step = {.compute_block = store_block, .row = row};
  xnnx_run_step(step, threadpool);
  step.compute_block = scale_block;
  step.sum = add_partial_sums(row);
  step.scale = xnnx_scale_of_sum(step.sum.mantissa, row->zero_if_fully_masked);
  xnnx_run_step(step, threadpool);
}

void xnnx_compute_softmax_row(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  switch (row->algorithm) {
    case xnnx_softmax_two_pass:
      compute_two_passes(row, threadpool);
      break;
    case xnnx_softmax_three_pass_recompute:
    case xnnx_softmax_three_pass_reload:
      compute_three_passes(row, threadpool);
      break;
    case xnnx_softmax_blocked:
      compute_blocked(row, threadpool);
      break;
    case xnnx_softmax_one_pass:
      assert(!"a row of one pass is its kernel's");
      break;
  }
}
