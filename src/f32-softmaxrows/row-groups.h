// Groups of 8 narrow rows, whose maxima, sums and divisions are computed together. Wider rows fill the time of their own
// reductions; and the next group, of more than 2 KiB, would be so far ahead that prefetchers lose it.

#pragma once

#include "src/f32-softmaxrows/group.h"
#include "src/f32-softmaxrows/one-row.h"
#include "src/f32-softmaxrows/row-pairs.h"

// Whether the vectors that are computed at once are those of several rows.
XNNX_SIMD bool is_narrow(row_shape shape)
{
  return shape.vectors <= 2;
}

XNNX_SIMD xnnx_f32x16 max_of_each_row(const xnnx_f32x16* max)
{
  return xnnx_max_of_each(max[0], max[1], max[2], max[3], max[4], max[5], max[6], max[7]);
}

XNNX_SIMD xnnx_f64x8 sum_of_each_row(const xnnx_f64x16* sum)
{
  return xnnx_sum_of_each(sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]);
}

XNNX_SIMD bool find_maxima(row_shape shape, const struct rows* rows, const float* input, struct group* group)
{
  if (shape.is_paired) {
    return set_maxima(load_pairs(rows, input, group), group);
  }
  xnnx_f32x16 max[XNNX_GROUP_ROWS];
  XNNX_UNROLL for (size_t row = 0; row < XNNX_GROUP_ROWS; row++)
  {
    max[row] = max_of_row(shape, rows->channels, input + row * rows->input_stride);
  }
  return set_maxima(max_of_each_row(max), group);
}

XNNX_SIMD xnnx_scale scale_of_row(const struct group* group, size_t row)
{
  return (xnnx_scale){xnnx_broadcast(group->exponent_field[row]), xnnx_broadcast(group->lowest[row])};
}

// Of as many rows from `first` on as have XNNX_VECTORS_AT_ONCE.
XNNX_SIMD void store_exponentials_of_narrow_rows(
    row_shape shape, const struct rows* rows, const float* input, struct group* group, size_t first, xnnx_f32x16* y)
{
  xnnx_reduced reduced[XNNX_VECTORS_AT_ONCE];
  XNNX_UNROLL for (size_t k = 0; k < XNNX_VECTORS_AT_ONCE; k++)
  {
    const size_t row = first + k / shape.vectors;
    reduced[k] = xnnx_reduce(
        load_vector(shape, k % shape.vectors, rows->channels, input + row * rows->input_stride));
  }
  XNNX_UNROLL for (size_t k = 0; k < XNNX_VECTORS_AT_ONCE; k += shape.vectors)
  {
    const xnnx_scaled_table table = xnnx_scale_table(scale_of_row(group, first + k / shape.vectors));
    XNNX_UNROLL for (size_t i = k; i < k + shape.vectors; i++)
    {
      y[i] = xnnx_exponential(reduced[i], table);
      xnnx_store(group->exponentials + (first * shape.vectors + i) * 16, y[i]);
    }
  }
}

// The sums of a group's rows.
XNNX_SIMD xnnx_f64x8 store_exponentials_of_narrow_group(
    row_shape shape, const struct rows* rows, const float* input, struct group* group)
{
  if (shape.is_paired) {
    return store_exponentials_of_pairs(group);
  }
  xnnx_f64x16 sum[XNNX_GROUP_ROWS];
  XNNX_UNROLL for (size_t row = 0; row < XNNX_GROUP_ROWS; row += XNNX_VECTORS_AT_ONCE / shape.vectors)
  {
    xnnx_f32x16 y[XNNX_VECTORS_AT_ONCE];
    store_exponentials_of_narrow_rows(shape, rows, input, group, row, y);
    XNNX_UNROLL for (size_t k = 0; k < XNNX_VECTORS_AT_ONCE; k += 2)
    {
      const size_t i = (row * shape.vectors + k) / 2;
      sum[i] = shape.vectors == 1 ? xnnx_to_doubles(xnnx_add_halves(y[k], y[k + 1])) : sum_vectors(2, y + k);
    }
  }
  return shape.vectors == 1 ? xnnx_sum_of_each_half(sum[0], sum[1], sum[2], sum[3]) : sum_of_each_row(sum);
}

XNNX_SIMD void store_row(
    row_shape shape, const struct rows* rows, const struct group* group, size_t row, float* output)
{
  const xnnx_two_floats factor = {xnnx_broadcast(group->factor_high[row]), xnnx_broadcast(group->factor_low[row])};
  const float* exponentials = group->exponentials + row * shape.vectors * 16;
  store_products(shape, rows->channels, exponentials, factor, output + row * rows->output_stride);
}

XNNX_SIMD void store_group(row_shape shape, const struct rows* rows, const struct group* group, float* output)
{
  if (shape.is_paired) {
    XNNX_UNROLL for (size_t pair = 0; pair < XNNX_GROUP_PAIRS; pair++) store_pair(rows, group, pair, output);
  } else {
    XNNX_UNROLL for (size_t row = 0; row < XNNX_GROUP_ROWS; row++) store_row(shape, rows, group, row, output);
  }
}

XNNX_SIMD void compute_rows_one_by_one(const struct rows* rows, size_t first, size_t last, row_function compute)
{
  for (size_t row = first; row < last; row++) {
    compute(
        rows->channels, rows->input + row * rows->input_stride, rows->output + row * rows->output_stride,
        rows->scale_of_fully_masked);
  }
}

// Where three groups are: the next one, whose maxima are found, the one whose exponentials and factors are computed, and
// the one before, which waits for its products. So no step waits for another's results.
struct steps {
  const float* next_input;
  const float* input;
  float* waiting_output;  // NULL: nothing waits
  struct group* group;
  struct group* other;  // the one before, and then the next one
  bool next_is_ordinary;
};

// Whether all sums are positive.
XNNX_SIMD bool compute_narrow_group(row_shape shape, const struct rows* rows, struct steps* steps)
{
  steps->next_is_ordinary = find_maxima(shape, rows, steps->next_input, steps->other);
  const xnnx_f64x8 sums = store_exponentials_of_narrow_group(shape, rows, steps->input, steps->group);
  const bool is_ordinary = set_sums(sums, steps->group);
  if (steps->waiting_output != NULL) {
    store_group(shape, rows, steps->other, steps->waiting_output);
  }
  return is_ordinary;
}

// The same with rows one after the other, so that memory is read and written at an even pace.
XNNX_SIMD bool compute_wide_group(row_shape shape, const struct rows* rows, struct steps* steps)
{
  xnnx_f32x16 max[XNNX_GROUP_ROWS];
  xnnx_f64x16 sum[XNNX_GROUP_ROWS];
  for (size_t row = 0; row < XNNX_GROUP_ROWS; row++) {
    const float* next_row = steps->next_input + row * rows->input_stride;
    max[row] = max_of_row(shape, rows->channels, next_row);
    sum[row] = store_exponentials(
        shape, rows->channels, steps->input + row * rows->input_stride, scale_of_row(steps->group, row),
        steps->group->exponentials + row * shape.vectors * 16);
    if (steps->waiting_output != NULL) {
      store_row(shape, rows, steps->other, row, steps->waiting_output);
    }
  }
  steps->next_is_ordinary = set_maxima(max_of_each_row(max), steps->other);
  return set_sums(sum_of_each_row(sum), steps->group);
}

// A group with a rare row is computed row by row, as are the rows behind the last group.
XNNX_SIMD void compute_groups(row_shape shape, bool is_far, const struct rows* rows, row_function compute_alone)
{
  const size_t group_count = rows->rows / XNNX_GROUP_ROWS;
  if (group_count == 0) {
    compute_rows_one_by_one(rows, 0, rows->rows, compute_alone);
    return;
  }
  struct group groups[2];
  struct steps steps = {.next_is_ordinary = find_maxima(shape, rows, rows->input, &groups[0])};
  for (size_t k = 0; k < group_count; k++) {
    const bool has_next = k + 1 < group_count;
    bool is_ordinary = steps.next_is_ordinary;
    steps.group = &groups[k % 2];
    steps.other = &groups[1 - k % 2];
    steps.input = rows->input + k * XNNX_GROUP_ROWS * rows->input_stride;
    // Behind the last group there is none: its maxima are found once more.
    steps.next_input = has_next ? steps.input + XNNX_GROUP_ROWS * rows->input_stride : steps.input;
    if (is_far) {
      fetch_rows_ahead(shape, rows, k * XNNX_GROUP_ROWS, (k + 1) * XNNX_GROUP_ROWS);
    }
    if (XNNX_LIKELY(is_ordinary)) {
      is_ordinary = is_narrow(shape) ? compute_narrow_group(shape, rows, &steps)
                                     : compute_wide_group(shape, rows, &steps);
    } else {
      if (steps.waiting_output != NULL) {
        store_group(shape, rows, steps.other, steps.waiting_output);
      }
      steps.next_is_ordinary = find_maxima(shape, rows, steps.next_input, steps.other);
    }
    steps.waiting_output = rows->output + k * XNNX_GROUP_ROWS * rows->output_stride;
    if (XNNX_UNLIKELY(!is_ordinary)) {
      compute_rows_one_by_one(rows, k * XNNX_GROUP_ROWS, (k + 1) * XNNX_GROUP_ROWS, compute_alone);
      steps.waiting_output = NULL;
    }
  }
  if (steps.waiting_output != NULL) {
    store_group(shape, rows, &groups[1 - group_count % 2], steps.waiting_output);
  }
  compute_rows_one_by_one(rows, group_count * XNNX_GROUP_ROWS, rows->rows, compute_alone);
}
