// Rows that fit registers, of one number of vectors each: one after the other, or in groups of 8.

#pragma once

#include "src/f32-softmaxrows/rows.h"

#define XNNX_MOST_VECTORS (XNNX_SHORT_ROW_CHANNELS / 16)

// Rows of a group.
#define XNNX_GROUP_ROWS ((size_t) 8)

// Vectors whose steps stand side by side, since the steps of one wait for each other.
#define XNNX_VECTORS_AT_ONCE (XNNX_TILE >= 128 ? 8 : XNNX_TILE >= 64 ? 4 : 2)

// What a function is made for: rows of that many vectors, the last of which is a part or, if they are whole, is not.
typedef struct {
  size_t vectors;
  bool is_whole;
} row_shape;

XNNX_SIMD xnnx_f32x16 load_vector(row_shape shape, size_t i, size_t channels, const float* row)
{
  const bool is_part = i + 1 == shape.vectors && !shape.is_whole;
  return is_part ? xnnx_load_first(row + 16 * i, channels - 16 * i, xnnx_nothing()) : xnnx_load(row + 16 * i);
}

XNNX_SIMD void store_vector(row_shape shape, size_t i, size_t channels, float* row, xnnx_f32x16 a)
{
  if (i + 1 == shape.vectors && !shape.is_whole) {
    xnnx_store_first(row + 16 * i, channels - 16 * i, a);
  } else {
    xnnx_store(row + 16 * i, a);
  }
}

// The sum of a row's exponentials, as doubles in each lane.
XNNX_SIMD xnnx_f64x16 sum_vectors(size_t vectors, const xnnx_f32x16* y)
{
  xnnx_f64x16 sum = xnnx_to_doubles(vectors == 1 ? y[0] : xnnx_add(y[0], y[1]));
  XNNX_UNROLL for (size_t i = 2; i < vectors; i += 2)
  {
    sum = xnnx_add_doubles(sum, xnnx_to_doubles(i + 1 == vectors ? y[i] : xnnx_add(y[i], y[i + 1])));
  }
  return sum;
}

XNNX_SIMD size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

// As many as stand side by side, from vector `first` on.
XNNX_SIMD void reduce_several(row_shape shape, size_t first, size_t channels, const float* row, xnnx_reduced* reduced)
{
  const size_t count = smaller(XNNX_VECTORS_AT_ONCE, shape.vectors - first);
  XNNX_UNROLL for (size_t i = 0; i < count; i++)
  {
    reduced[i] = xnnx_reduce(load_vector(shape, first + i, channels, row));
  }
}

// The exponentials of a row, of which the first ones are reduced already.
XNNX_SIMD void compute_exponentials(
    row_shape shape, size_t channels, const float* row, xnnx_reduced* reduced, xnnx_scale scale, xnnx_f32x16* y)
{
  const xnnx_scaled_table table = xnnx_scale_table(scale);
  XNNX_UNROLL for (size_t first = 0; first < shape.vectors; first += XNNX_VECTORS_AT_ONCE)
  {
    const size_t count = smaller(XNNX_VECTORS_AT_ONCE, shape.vectors - first);
    if (first != 0) {
      reduce_several(shape, first, channels, row, reduced);
    }
    XNNX_UNROLL for (size_t i = 0; i < count; i++) y[first + i] = xnnx_exponential(reduced[i], table);
  }
}

XNNX_SIMD xnnx_f32x16 max_of_row(row_shape shape, size_t channels, const float* row)
{
  xnnx_f32x16 max = load_vector(shape, 0, channels, row);
  XNNX_UNROLL for (size_t i = 1; i < shape.vectors; i++) max = xnnx_max(max, load_vector(shape, i, channels, row));
  return max;
}

typedef void (*row_function)(size_t channels, const float* input, float* output, double scale_of_fully_masked);

// A row whose largest element is infinite, NaN, or so large that elements are shifted, by which it becomes an ordinary row.
static XNNX_NEVER_INLINE void compute_rare_row(
    row_function compute, size_t channels, const float* input, float* output, double scale_of_fully_masked, float max)
{
  float shifted[XNNX_SHORT_ROW_CHANNELS];
  const float shift = xnnx_shift_of(max);
  bool is_nan = max == INFINITY;
  for (size_t i = 0; i < channels; i++) {
    shifted[i] = input[i] - shift;
    is_nan = is_nan || isnan(shifted[i]);
  }
  if (!is_nan && max != -INFINITY) {
    compute(channels, shifted, output, scale_of_fully_masked);
    return;
  }
  for (size_t i = 0; i < channels; i++) {
    output[i] = is_nan ? NAN : (float) scale_of_fully_masked;
  }
}

// Its first exponentials are begun before the largest element, which they are relative to, is known.
XNNX_SIMD void compute_row(
    row_shape shape, size_t channels, const float* input, float* output, double scale_of_fully_masked,
    row_function compute_shifted)
{
  xnnx_reduced reduced[XNNX_VECTORS_AT_ONCE];
  xnnx_f32x16 y[XNNX_MOST_VECTORS];
  const xnnx_f32x16 max = xnnx_max_in_all_lanes(max_of_row(shape, channels, input));
  reduce_several(shape, 0, channels, input, reduced);
  if (XNNX_UNLIKELY(!xnnx_is_ordinary_max(max))) {
    compute_rare_row(compute_shifted, channels, input, output, scale_of_fully_masked, xnnx_first_lane(max));
    return;
  }
  compute_exponentials(shape, channels, input, reduced, xnnx_relative_to(xnnx_rounded_exponent_of_max(max)), y);
  const double sum = xnnx_sum_of_lanes(sum_vectors(shape.vectors, y));
  const xnnx_factor factor = xnnx_factor_of(xnnx_scale_of_sum(sum, scale_of_fully_masked));
  if (XNNX_UNLIKELY(!(sum > 0.0))) {
    XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++) y[i] = xnnx_broadcast(0.0f);
  }
  XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++)
  {
    store_vector(shape, i, channels, output, xnnx_times(y[i], factor));
  }
}

// What is known of a group from one step to the next.
struct group {
  _Alignas(64) float exponent_field[16];
  _Alignas(64) float lowest[16];
  _Alignas(64) float exponentials[XNNX_GROUP_ROWS * XNNX_SHORT_ROW_CHANNELS];
  float factor_high[XNNX_GROUP_ROWS];
  float factor_low[XNNX_GROUP_ROWS];
};

// Whether the vectors that are computed at once are those of several rows.
XNNX_SIMD bool is_narrow(row_shape shape)
{
  return shape.vectors <= 2;
}

// What the exponentials of rows with these maxima are relative to. Whether none of them needs a shift, or is a NaN.
XNNX_SIMD bool set_maxima(const xnnx_f32x16* max, struct group* group)
{
  const xnnx_f32x16 max_of_rows = xnnx_max_of_each(max[0], max[1], max[2], max[3], max[4], max[5], max[6], max[7]);
  const xnnx_scale scale = xnnx_relative_to(xnnx_rounded_exponent_of_max(max_of_rows));
  xnnx_store(group->exponent_field, scale.exponent_field);
  xnnx_store(group->lowest, scale.lowest);
  return xnnx_are_within(max_of_rows, XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT);
}

XNNX_SIMD bool find_maxima(row_shape shape, const struct rows* rows, const float* input, struct group* group)
{
  xnnx_f32x16 max[XNNX_GROUP_ROWS];
  XNNX_UNROLL for (size_t row = 0; row < XNNX_GROUP_ROWS; row++)
  {
    max[row] = max_of_row(shape, rows->channels, input + row * rows->input_stride);
  }
  return set_maxima(max, group);
}

// Whether all are positive.
XNNX_SIMD bool set_sums(const xnnx_f64x16* sum, struct group* group)
{
  const xnnx_f64x8 sums = xnnx_sum_of_each(sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]);
  xnnx_store_reciprocals(group->factor_high, group->factor_low, sums);
  return xnnx_are_positive(sums);
}

XNNX_SIMD xnnx_scale scale_of_row(const struct group* group, size_t row)
{
  return (xnnx_scale){xnnx_broadcast(group->exponent_field[row]), xnnx_broadcast(group->lowest[row])};
}

XNNX_SIMD xnnx_f64x16 store_exponentials_of_row(
    row_shape shape, const struct rows* rows, const float* input, struct group* group, size_t row)
{
  const float* row_input = input + row * rows->input_stride;
  xnnx_reduced reduced[XNNX_VECTORS_AT_ONCE];
  xnnx_f32x16 y[XNNX_MOST_VECTORS];
  reduce_several(shape, 0, rows->channels, row_input, reduced);
  compute_exponentials(shape, rows->channels, row_input, reduced, scale_of_row(group, row), y);
  XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++)
  {
    xnnx_store(group->exponentials + (row * shape.vectors + i) * 16, y[i]);
  }
  return sum_vectors(shape.vectors, y);
}

// Of as many rows from `first` on as have XNNX_VECTORS_AT_ONCE.
XNNX_SIMD void store_exponentials_of_narrow_rows(
    row_shape shape, const struct rows* rows, const float* input, struct group* group, size_t first, xnnx_f64x16* sum)
{
  xnnx_reduced reduced[XNNX_VECTORS_AT_ONCE];
  xnnx_f32x16 y[XNNX_VECTORS_AT_ONCE];
  XNNX_UNROLL for (size_t k = 0; k < XNNX_VECTORS_AT_ONCE; k++)
  {
    const size_t row = first + k / shape.vectors;
    reduced[k] = xnnx_reduce(
        load_vector(shape, k % shape.vectors, rows->channels, input + row * rows->input_stride));
  }
  XNNX_UNROLL for (size_t k = 0; k < XNNX_VECTORS_AT_ONCE; k++)
  {
    y[k] = xnnx_exponential(reduced[k], xnnx_scale_table(scale_of_row(group, first + k / shape.vectors)));
    xnnx_store(group->exponentials + (first * shape.vectors + k) * 16, y[k]);
  }
  XNNX_UNROLL for (size_t k = 0; k < XNNX_VECTORS_AT_ONCE; k += shape.vectors) sum[k / shape.vectors] = sum_vectors(shape.vectors, y + k);
}

XNNX_SIMD void store_row(
    row_shape shape, const struct rows* rows, const struct group* group, size_t row, float* output)
{
  const xnnx_factor factor = {xnnx_broadcast(group->factor_high[row]), xnnx_broadcast(group->factor_low[row])};
  XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++)
  {
    const xnnx_f32x16 y = xnnx_load_once(group->exponentials + (row * shape.vectors + i) * 16);
    store_vector(shape, i, rows->channels, output + row * rows->output_stride, xnnx_times(y, factor));
  }
}

XNNX_SIMD void store_group(row_shape shape, const struct rows* rows, const struct group* group, float* output)
{
  XNNX_UNROLL for (size_t row = 0; row < XNNX_GROUP_ROWS; row++) store_row(shape, rows, group, row, output);
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
  xnnx_f64x16 sum[XNNX_GROUP_ROWS];
  steps->next_is_ordinary = find_maxima(shape, rows, steps->next_input, steps->other);
  XNNX_UNROLL for (size_t row = 0; row < XNNX_GROUP_ROWS; row += XNNX_VECTORS_AT_ONCE / shape.vectors)
  {
    store_exponentials_of_narrow_rows(shape, rows, steps->input, steps->group, row, sum + row);
  }
  const bool is_ordinary = set_sums(sum, steps->group);
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
    sum[row] = store_exponentials_of_row(shape, rows, steps->input, steps->group, row);
    if (steps->waiting_output != NULL) {
      store_row(shape, rows, steps->other, row, steps->waiting_output);
    }
  }
  steps->next_is_ordinary = set_maxima(max, steps->other);
  return set_sums(sum, steps->group);
}

// A group with a rare row is computed row by row.
XNNX_SIMD void compute_groups(row_shape shape, const struct rows* rows, row_function compute_alone)
{
  struct group groups[2];
  const size_t group_count = rows->rows / XNNX_GROUP_ROWS;
  struct steps steps = {.next_is_ordinary = find_maxima(shape, rows, rows->input, &groups[0])};
  for (size_t k = 0; k < group_count; k++) {
    const bool has_next = k + 1 < group_count;
    bool is_ordinary = steps.next_is_ordinary;
    steps.group = &groups[k % 2];
    steps.other = &groups[1 - k % 2];
    steps.input = rows->input + k * XNNX_GROUP_ROWS * rows->input_stride;
    // Behind the last group there is none: its maxima are found once more.
    steps.next_input = has_next ? steps.input + XNNX_GROUP_ROWS * rows->input_stride : steps.input;
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
}

// One function for each number of vectors, and another one for groups of whole rows.
#define XNNX_ROWS_OF(count) \
  static XNNX_NEVER_INLINE void compute_row_of_##count( \
      size_t channels, const float* input, float* output, double scale_of_fully_masked) \
  { \
    const row_shape shape = {.vectors = count, .is_whole = false}; \
    compute_row(shape, channels, input, output, scale_of_fully_masked, compute_row_of_##count); \
  } \
  static XNNX_NEVER_INLINE void compute_groups_of_##count XNNX_F32_PARAMETERS_softmaxrows \
  { \
    const struct rows all = XNNX_ROWS_OF_ARGUMENTS; \
    compute_groups((row_shape){.vectors = count, .is_whole = false}, &all, compute_row_of_##count); \
  } \
  static XNNX_NEVER_INLINE void compute_whole_groups_of_##count XNNX_F32_PARAMETERS_softmaxrows \
  { \
    const struct rows all = XNNX_ROWS_OF_ARGUMENTS; \
    compute_groups((row_shape){.vectors = count, .is_whole = true}, &all, compute_row_of_##count); \
  }
#define XNNX_EACH_VECTOR_COUNT(X) \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)
XNNX_EACH_VECTOR_COUNT(XNNX_ROWS_OF)
#undef XNNX_ROWS_OF

XNNX_SIMD void compute_short_rows XNNX_F32_PARAMETERS_softmaxrows
{
  static const struct {
    row_function row;
    xnnx_f32_softmaxrows_fn groups;
    xnnx_f32_softmaxrows_fn whole_groups;
  } functions[XNNX_MOST_VECTORS] = {
#define XNNX_ROWS_OF(count) {compute_row_of_##count, compute_groups_of_##count, compute_whole_groups_of_##count},
      XNNX_EACH_VECTOR_COUNT(XNNX_ROWS_OF)
#undef XNNX_ROWS_OF
  };
  const size_t vectors = (channels + 15) / 16;
  size_t first_alone = 0;
  if (rows >= XNNX_GROUP_ROWS) {
    (channels % 16 == 0 ? functions[vectors - 1].whole_groups : functions[vectors - 1].groups) XNNX_ARGUMENTS;
    first_alone = rows - rows % XNNX_GROUP_ROWS;
  }
  for (size_t row = first_alone; row < rows; row++) {
    functions[vectors - 1].row(
        channels, input + row * input_stride, output + row * output_stride, scale_of_fully_masked);
  }
}
