#include "src/operators/softmax-row.h"

#include <math.h>

#include "src/operators/softmax-blocked.h"
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

// The maximum of the block, which the step before found, is read before the sum takes its place.
static void sum_block(const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  step->row->kernels->raddexpminusmax(
      count * sizeof(float), step->row->input + offset, &partial->sum, step->max, partial->max);
}

static void store_and_sum_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  step->row->kernels->raddstoreexpminusmax(
      count * sizeof(float), step->row->input + offset, step->row->output + offset, &partial->sum, step->max,
      partial->max);
}

static void sum_block_as_pair(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  step->row->kernels->raddextexp(count * sizeof(float), step->row->input + offset, &partial->pair);
}

static void rescale_block(const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
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
  if (row->stream) {
    row->kernels->vscaleextexpstream(
        count * sizeof(float), row->input + offset, row->output + offset, step->scale, xnnx_exponent(step->max));
  } else {
    row->kernels->vscaleexpminusmax(
        count * sizeof(float), row->input + offset, row->output + offset, step->scale, step->max);
  }
}

static void recompute_block_from_exponent(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) partial;
  const struct xnnx_softmax_row* row = step->row;
  const xnnx_f32_vscaleextexp_fn vscaleextexp =
      row->stream ? row->kernels->vscaleextexpstream : row->kernels->vscaleextexp;
  vscaleextexp(count * sizeof(float), row->input + offset, row->output + offset, step->scale, step->exponent);
}

static double sum_partials(const struct xnnx_softmax_row* row)
{
  double sum = 0.0;
  for (size_t block = 0; block < xnnx_block_count(row->channels); block++) {
    sum += row->partials[block].sum;
  }
  return sum;
}

// (m_a, e_a) + (m_b, e_b) = (m_a 2^(e_a - E) + m_b 2^(e_b - E), E) with E = max(e_a, e_b). An exponent that is no
// exponent of a float's exponential, or NaN, gives an infinite one, which merging keeps.
static struct xnnx_pair add_pairs(struct xnnx_pair a, struct xnnx_pair b)
{
  const double largest = -xnnx_exponent(XNNX_EXP_LOWEST);
  if (!(fabs(a.exponent) <= largest && fabs(b.exponent) <= largest)) {
    return (struct xnnx_pair){.mantissa = (double) NAN, .exponent = (double) INFINITY};
  }
  const double exponent = fmax(a.exponent, b.exponent);
  return (struct xnnx_pair){
    .mantissa = ldexp(a.mantissa, (int) (a.exponent - exponent)) + ldexp(b.mantissa, (int) (b.exponent - exponent)),
    .exponent = exponent,
  };
}

static struct xnnx_pair sum_partial_pairs(const struct xnnx_softmax_row* row)
{
  struct xnnx_pair sum = row->partials[0].pair;
  for (size_t block = 1; block < xnnx_block_count(row->channels); block++) {
    sum = add_pairs(sum, row->partials[block].pair);
  }
  return sum;
}

static bool compute_two_passes(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  xnnx_run_step((struct xnnx_step){.compute_block = sum_block_as_pair, .row = row}, threadpool);
  const struct xnnx_pair sum = sum_partial_pairs(row);
  if (!xnnx_is_direct_exponent(sum.exponent)) {
    return false;
  }
  if (isnan(sum.mantissa)) {
    xnnx_fill_row(row, NAN, threadpool);
    return true;
  }
  xnnx_run_step(
      (struct xnnx_step){
        .compute_block = recompute_block_from_exponent,
        .row = row,
        .exponent = (float) sum.exponent,
        .scale = 1.0 / sum.mantissa,
      },
      threadpool);
  return true;
}

static bool compute_three_passes(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  const bool reload = row->algorithm == xnnx_softmax_three_pass_reload;
  const float max = find_max(row, threadpool);
  if (!(fabsf(max) <= XNNX_EXP_LARGEST_DIRECT_ARGUMENT)) {
    return false;
  }
  xnnx_run_step(
      (struct xnnx_step){.compute_block = reload ? store_and_sum_block : sum_block, .row = row, .max = max},
      threadpool);
  const double sum = sum_partials(row);
  if (isnan(sum)) {
    xnnx_fill_row(row, NAN, threadpool);
    return true;
  }
  xnnx_run_step(
      (struct xnnx_step){
        .compute_block = reload ? rescale_block : recompute_block_from_max,
        .row = row,
        .max = max,
        .scale = 1.0 / sum,
      },
      threadpool);
  return true;
}

// Computes the row from its elements as they are. False where that is impossible, because the row's maximum is too
// large in magnitude or there are NaNs or infinities to look into; in place, all elements that count are then as they
// were.
static bool compute_directly(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  switch (row->algorithm) {
    case xnnx_softmax_two_pass:
      return compute_two_passes(row, threadpool);
    case xnnx_softmax_three_pass_recompute:
    case xnnx_softmax_three_pass_reload:
      return compute_three_passes(row, threadpool);
    case xnnx_softmax_one_pass:  // a row that its kernel refused
    case xnnx_softmax_blocked:
      break;
  }
  return xnnx_compute_blocked(row, threadpool);
}

static void find_nan_in_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  partial->contains_nan = false;
  for (size_t i = 0; i < count; i++) {
    partial->contains_nan |= isnan(step->row->input[offset + i]);
  }
}

static bool contains_nan(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  xnnx_run_step((struct xnnx_step){.compute_block = find_nan_in_block, .row = row}, threadpool);
  bool result = false;
  for (size_t block = 0; block < xnnx_block_count(row->channels); block++) {
    result |= row->partials[block].contains_nan;
  }
  return result;
}

// An element that is nothing beside the maximum becomes -infinity, which in place it may be already: the same bits.
// What blocks had stored is below the maximum by more than that.
static void subtract_max_from_block(
    const struct xnnx_step* step, size_t offset, size_t count, union xnnx_partial_result* partial)
{
  (void) partial;
  const float log_of_smallest_float = -104.0f;
  for (size_t i = 0; i < count; i++) {
    const float difference = step->row->input[offset + i] - step->max;
    step->row->output[offset + i] = difference < log_of_smallest_float ? -INFINITY : difference;
  }
}

// The rare rows. Subtracting a maximum beyond XNNX_EXP_LARGEST_DIRECT_ARGUMENT is exact wherever the result matters: an
// x within a factor of two of the maximum has an exact difference (Sterbenz), and any other is too far below to count.
static void compute_after_subtracting_max(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  const float max = find_max(row, threadpool);
  if (max == -INFINITY && row->zero_if_fully_masked && !contains_nan(row, threadpool)) {
    xnnx_fill_row(row, 0.0f, threadpool);
    return;
  }
  if (!isfinite(max)) {
    xnnx_fill_row(row, NAN, threadpool);
    return;
  }
  xnnx_run_step((struct xnnx_step){.compute_block = subtract_max_from_block, .row = row, .max = max}, threadpool);
  struct xnnx_softmax_row shifted_row = *row;
  shifted_row.input = row->output;
  shifted_row.stream = false;
  if (!compute_directly(&shifted_row, threadpool)) {
    xnnx_fill_row(row, NAN, threadpool);
  }
}

void xnnx_compute_softmax_row(const struct xnnx_softmax_row* row, pthreadpool_t threadpool)
{
  if (!compute_directly(row, threadpool)) {
    compute_after_subtracting_max(row, threadpool);
  }
}

void xnnx_finish_softmax_row(const struct xnnx_softmax_row* row)
{
  xnnx_store_rest_of_block(row, /*offset=*/0, row->channels, &row->partials[0].stored_block);
  if (!xnnx_finish_blocked(row, /*threadpool=*/NULL)) {
    compute_after_subtracting_max(row, /*threadpool=*/NULL);
  }
}
