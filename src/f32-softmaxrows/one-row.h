// A row that fits registers, alone, and what others that do are made of.

#pragma once

#include "src/f32-softmaxrows/rows.h"

#define XNNX_MOST_VECTORS (XNNX_SHORT_ROW_CHANNELS / 16)

// Vectors whose steps stand side by side, since the steps of one wait for each other.
#define XNNX_VECTORS_AT_ONCE (XNNX_TILE >= 128 ? 8 : XNNX_TILE >= 64 ? 4 : 2)

#define XNNX_MOST_VECTORS_THAT_WAIT 4

// What a function is made for: rows of that many vectors, the last of which is a part or, if they are whole, is not. Of
// paired rows two share a vector.
typedef struct {
  size_t vectors;
  bool is_whole;
  bool is_paired;
} row_shape;

XNNX_SIMD xnnx_f32x16 load_vector(row_shape shape, size_t i, size_t channels, const float* row)
{
  const bool is_part = i + 1 == shape.vectors && !shape.is_whole;
  const xnnx_f32x16 missing = xnnx_missing(/*is_shifted=*/false);
  return is_part ? xnnx_load_first(row + 16 * i, channels - 16 * i, missing) : xnnx_load(row + 16 * i);
}

XNNX_SIMD void store_vector(row_shape shape, size_t i, size_t channels, float* row, xnnx_f32x16 a)
{
  if (i + 1 == shape.vectors && !shape.is_whole) {
    xnnx_store_first(row + 16 * i, channels - 16 * i, a);
  } else {
    xnnx_store(row + 16 * i, a);
  }
}

// The sum of a row's exponentials, of at least two vectors, as doubles in each lane.
XNNX_SIMD xnnx_f64x16 sum_vectors(size_t vectors, const xnnx_f32x16* y)
{
  xnnx_f64x16 sum = xnnx_to_doubles(xnnx_add(y[0], y[1]));
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

// The exponentials of a row, from vector `start` on.
XNNX_SIMD void compute_exponentials(
    row_shape shape, size_t start, size_t channels, const float* row, xnnx_scale scale, xnnx_f32x16* y)
{
  const xnnx_scaled_table table = xnnx_scale_table(scale);
  XNNX_UNROLL for (size_t first = start; first < shape.vectors; first += XNNX_VECTORS_AT_ONCE)
  {
    const size_t count = smaller(XNNX_VECTORS_AT_ONCE, shape.vectors - first);
    xnnx_reduced reduced[XNNX_VECTORS_AT_ONCE];
    reduce_several(shape, first, channels, row, reduced);
    XNNX_UNROLL for (size_t i = 0; i < count; i++) y[first + i] = xnnx_exponential(reduced[i], table);
  }
}

// Of many vectors in four chains, since each maximum waits for the one before.
XNNX_SIMD xnnx_f32x16 max_of_row(row_shape shape, size_t channels, const float* row)
{
  const size_t chains = shape.vectors > 8 ? 4 : 1;
  xnnx_f32x16 max[4];
  XNNX_UNROLL for (size_t i = 0; i < chains; i++) max[i] = load_vector(shape, i, channels, row);
  XNNX_UNROLL for (size_t i = chains; i < shape.vectors; i++)
  {
    max[i % chains] = xnnx_max(max[i % chains], load_vector(shape, i, channels, row));
  }
  XNNX_UNROLL for (size_t i = 1; i < chains; i++) max[0] = xnnx_max(max[0], max[i]);
  return max[0];
}

// Fetches the rows that are computed soon after these, and where their results go.
XNNX_SIMD void fetch_rows_ahead(row_shape shape, const struct rows* rows, size_t first, size_t last)
{
  for (size_t row = first; row < last; row++) {
    const xnnx_elements ahead = row_ahead(rows, row);
    if (ahead.count != 0) {
      xnnx_fetch_to_read(16 * shape.vectors, ahead.input);
      xnnx_fetch_to_write(16 * shape.vectors, ahead.output);
    }
  }
}

typedef void (*row_function)(size_t channels, const float* input, float* output, double scale_of_fully_masked);

// A row whose largest element is infinite, NaN, or so large that elements are shifted, by which it becomes an ordinary row; or,
// with a NaN that the maximum has lost, comes here once more.
static XNNX_NEVER_INLINE void compute_rare_row(
    row_function compute, size_t channels, const float* input, float* output, double scale_of_fully_masked)
{
  float shifted[XNNX_SHORT_ROW_CHANNELS];
  const float shift = xnnx_shift_of(xnnx_first_lane(xnnx_max_of_block(channels, input)));
  if (shift != 0.0f) {
    for (size_t i = 0; i < channels; i += 16) {
      const size_t vector = xnnx_at_most_vector(channels - i);
      const xnnx_f32x16 x = xnnx_load_first(input + i, vector, xnnx_broadcast(0.0f));
      xnnx_store_first(shifted + i, vector, xnnx_subtract(x, xnnx_broadcast(shift)));
    }
    compute(channels, shifted, output, scale_of_fully_masked);
    return;
  }
  bool is_masked = true;
  for (size_t i = 0; i < channels; i++) is_masked = is_masked && input[i] == -INFINITY;
  fill_row_of_rare_sum(channels, output, is_masked ? 0.0 : (double) NAN, scale_of_fully_masked);
}

// The largest k/16 of a row, in all lanes. Rounding keeps the order of elements, and integers are compared faster than floats.
XNNX_SIMD xnnx_f32x16 rounded_max_of_row(
    row_shape shape, size_t channels, const float* input, const xnnx_reduced* reduced)
{
  if (shape.vectors > XNNX_VECTORS_AT_ONCE) {
    return xnnx_max_of_bits_in_all_lanes(xnnx_round_to_sixteenth(max_of_row(shape, channels, input)));
  }
  xnnx_f32x16 rounded = reduced[0].shifted;
  XNNX_UNROLL for (size_t i = 1; i < shape.vectors; i++) rounded = xnnx_max_of_bits(rounded, reduced[i].shifted);
  return xnnx_max_of_bits_in_all_lanes(rounded);
}

// The exponentials of vectors that are reduced. Few of them wait for what they are relative to: their powers are looked up
// before that is known. Of many, one operation less each is more.
typedef struct {
  xnnx_reduced reduced[XNNX_VECTORS_AT_ONCE];
  xnnx_begun_power power[XNNX_MOST_VECTORS_THAT_WAIT];
} begun_exponentials;

XNNX_SIMD size_t count_begun(row_shape shape)
{
  return smaller(XNNX_VECTORS_AT_ONCE, shape.vectors);
}

XNNX_SIMD begun_exponentials begin_exponentials(row_shape shape, size_t channels, const float* row)
{
  begun_exponentials begun;
  // There always is a first one, which GCC 12 does not find out where vectors are loops.
  begun.reduced[0].shifted = xnnx_broadcast(0.0f);
  reduce_several(shape, 0, channels, row, begun.reduced);
  if (shape.vectors <= XNNX_MOST_VECTORS_THAT_WAIT) {
    XNNX_UNROLL for (size_t i = 0; i < count_begun(shape); i++)
    {
      begun.power[i] = xnnx_begin_power(xnnx_load_exp_table(), begun.reduced[i].shifted);
    }
  }
  return begun;
}

XNNX_SIMD void end_exponentials(row_shape shape, const begun_exponentials* begun, xnnx_scale scale, xnnx_f32x16* y)
{
  XNNX_UNROLL for (size_t i = 0; i < count_begun(shape); i++)
  {
    if (shape.vectors <= XNNX_MOST_VECTORS_THAT_WAIT) {
      y[i] = xnnx_exponential_relative_to(begun->reduced[i], begun->power[i], scale);
    } else {
      y[i] = xnnx_exponential(begun->reduced[i], xnnx_scale_table(scale));
    }
  }
}

// Its first exponentials are begun before the largest element, which they are relative to, is known.
XNNX_SIMD void compute_row(
    row_shape shape, size_t channels, const float* input, float* output, double scale_of_fully_masked,
    row_function compute_shifted)
{
  xnnx_f32x16 y[XNNX_MOST_VECTORS];
  const begun_exponentials begun = begin_exponentials(shape, channels, input);
  const xnnx_f32x16 rounded_max = rounded_max_of_row(shape, channels, input, begun.reduced);
  if (XNNX_UNLIKELY(!xnnx_is_ordinary_rounded(rounded_max))) {
    compute_rare_row(compute_shifted, channels, input, output, scale_of_fully_masked);
    return;
  }
  const xnnx_scale scale = xnnx_relative_to(xnnx_clear_sixteenths(rounded_max));
  end_exponentials(shape, &begun, scale, y);
  compute_exponentials(shape, count_begun(shape), channels, input, scale, y);
  const double sum = shape.vectors == 1 ? xnnx_sum_of_one(y[0]) : xnnx_sum_of_lanes(sum_vectors(shape.vectors, y));
  if (XNNX_UNLIKELY(!(sum > 0.0))) {
    fill_row_of_rare_sum(channels, output, sum, scale_of_fully_masked);
    return;
  }
  const xnnx_two_floats factor = xnnx_split(1.0 / sum);
  XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++)
  {
    store_vector(shape, i, channels, output, xnnx_times(y[i], factor));
  }
}

// Stores a row's exponentials in whole vectors. Their sum, as doubles in each lane.
XNNX_SIMD xnnx_f64x16 store_exponentials(
    row_shape shape, size_t channels, const float* input, xnnx_scale scale, float* exponentials)
{
  xnnx_f32x16 y[XNNX_MOST_VECTORS];
  compute_exponentials(shape, 0, channels, input, scale, y);
  XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++) xnnx_store(exponentials + 16 * i, y[i]);
  return sum_vectors(shape.vectors, y);
}

XNNX_SIMD void store_products(
    row_shape shape, size_t channels, const float* exponentials, xnnx_two_floats factor, float* output)
{
  XNNX_UNROLL for (size_t i = 0; i < shape.vectors; i++)
  {
    store_vector(shape, i, channels, output, xnnx_times(xnnx_load_once(exponentials + 16 * i), factor));
  }
}
