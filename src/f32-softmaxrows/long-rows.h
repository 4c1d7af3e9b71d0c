// Rows that do not fit registers: exponentials wait in the output until the row's sum is known.

#pragma once

#include "src/f32-softmaxrows/rows.h"

#define XNNX_MOST_BLOCKS (XNNX_CACHED_ROW_CHANNELS / XNNX_BLOCK_ELEMENTS)

// A row whose exponentials are stored, and the factor of each block.
struct stored_row {
  float* output;
  double factors[XNNX_MOST_BLOCKS];
};

static XNNX_NEVER_INLINE double store_shifted_block(
    xnnx_block block, struct xnnx_pair reference, float* max, xnnx_stream_of_products* products)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_shifted = true, .is_stored = true};
  return xnnx_sum_shifted_block(way, block, reference, max, products);
}

XNNX_SIMD void scale_row(size_t channels, const struct stored_row* row)
{
  for (size_t offset = 0; offset < channels; offset += XNNX_BLOCK_ELEMENTS) {
    const size_t left = channels - offset;
    const size_t count = left < XNNX_BLOCK_ELEMENTS ? left : XNNX_BLOCK_ELEMENTS;
    float* exponentials = row->output + offset;
    xnnx_store_results(128, count, exponentials, exponentials, row->factors[offset / XNNX_BLOCK_ELEMENTS]);
  }
}

// Each row's first maximum is found beside or after the exponentials of the row before. A row of one block does not wait for its
// sum: its products come behind the next row's exponentials. A longer one does, which is little beside its length; another row
// between its exponentials and its products would push them out of the first cache.
XNNX_SIMD void compute_stored_rows(const struct rows* rows, bool is_far)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_stored = true, .is_far = is_far};
  const size_t channels = rows->channels;
  const size_t first_count = channels < XNNX_BLOCK_ELEMENTS ? channels : XNNX_BLOCK_ELEMENTS;
  const size_t block_count = (channels + XNNX_BLOCK_ELEMENTS - 1) / XNNX_BLOCK_ELEMENTS;
  const size_t rows_that_wait = block_count == 1 ? 1 : 0;
  struct stored_row stored[2];
  struct xnnx_pair sums[XNNX_MOST_BLOCKS] = {{.mantissa = 0.0}};
  float max = xnnx_first_lane(xnnx_max_of_block(first_count, rows->input));
  for (size_t row = 0; row < rows->rows; row++) {
    const bool has_next = row + 1 < rows->rows;
    const float* input = rows->input + row * rows->input_stride;
    const xnnx_run run = {
        .count = channels,
        .input = input,
        .output = rows->output + row * rows->output_stride,
        .sums = sums,
        .next_count = has_next ? first_count : 0,
        .next_input = has_next ? input + rows->input_stride : NULL,
        .next_output = has_next ? rows->output + (row + 1) * rows->output_stride : NULL,
    };
    xnnx_sum_run(way, run, &max, /*streamed=*/NULL, store_shifted_block);
    stored[row % 2].output = run.output;
    xnnx_find_factors(block_count, sums, rows->scale_of_fully_masked, stored[row % 2].factors);
    if (row >= rows_that_wait) {
      scale_row(channels, &stored[(row - rows_that_wait) % 2]);
    }
  }
  if (rows_that_wait != 0) {
    scale_row(channels, &stored[(rows->rows - 1) % 2]);
  }
}

static XNNX_NEVER_INLINE void compute_near_rows XNNX_F32_PARAMETERS_softmaxrows
{
  const struct rows all = XNNX_ROWS_OF_ARGUMENTS;
  compute_stored_rows(&all, /*is_far=*/false);
}

static XNNX_NEVER_INLINE void compute_far_rows XNNX_F32_PARAMETERS_softmaxrows
{
  const struct rows all = XNNX_ROWS_OF_ARGUMENTS;
  compute_stored_rows(&all, /*is_far=*/true);
}

// A row that is one block: nothing overlaps, and nothing waits in memory but exponentials. The last ones wait in registers: what
// is stored in part cannot be read until it is in the cache.
XNNX_SIMD void compute_block(
    size_t channels, const float* input, float* output, double scale_of_fully_masked, bool is_far, xnnx_elements fetched)
{
  const xnnx_f32x16 rounded = xnnx_round_to_sixteenth(xnnx_max_of_elements(channels, input));
  const xnnx_f32x16 rounded_max = xnnx_max_of_bits_in_all_lanes(rounded);
  if (XNNX_UNLIKELY(!xnnx_is_ordinary_rounded(rounded_max))) {
    compute_near_rows(/*rows=*/1, channels, input, channels, output, channels, scale_of_fully_masked, /*is_far=*/false);
    return;
  }
  const xnnx_way_to_sum way = {.tile = XNNX_TILE < 64 ? XNNX_TILE : 64, .is_stored = true, .is_far = is_far};
  const xnnx_block block = {.count = channels, .input = input, .output = output, .fetched = fetched};
  const xnnx_relation relation = xnnx_relation_to(/*shift=*/0.0f, xnnx_clear_sixteenths(rounded_max));
  xnnx_f32x16 unused;
  xnnx_last_exponentials last;
  const double sum = xnnx_sum_all_but_store_last(way, block, relation, &unused, /*products=*/NULL, &last);
  if (XNNX_UNLIKELY(!(sum > 0.0))) {
    fill_row_of_rare_sum(channels, output, sum, scale_of_fully_masked);
    return;
  }
  const size_t stored = channels - last.count;
  const xnnx_two_floats factor = xnnx_split(1.0 / sum);
  xnnx_store_products(128, stored, output, output, factor);
  last.first = xnnx_times(last.first, factor);
  last.second = xnnx_times(last.second, factor);
  xnnx_store_last(last, output + stored);
}

static XNNX_NEVER_INLINE void compute_near_block(
    size_t channels, const float* input, float* output, double scale_of_fully_masked)
{
  compute_block(channels, input, output, scale_of_fully_masked, /*is_far=*/false, (xnnx_elements){0});
}

// Far rows of one block are read at one place at a time: prefetchers follow that best.
static XNNX_NEVER_INLINE void compute_far_blocks XNNX_F32_PARAMETERS_softmaxrows
{
  const struct rows all = XNNX_ROWS_OF_ARGUMENTS;
  for (size_t row = 0; row < rows; row++) {
    compute_block(
        channels, input + row * input_stride, output + row * output_stride, scale_of_fully_masked, /*is_far=*/true,
        row_ahead(&all, row));
  }
  (void) is_far;
}

XNNX_SIMD void compute_long_rows XNNX_F32_PARAMETERS_softmaxrows
{
  if (!is_far) {
    compute_near_rows XNNX_ARGUMENTS;
  } else if (channels <= XNNX_BLOCK_ELEMENTS) {
    compute_far_blocks XNNX_ARGUMENTS;
  } else {
    compute_far_rows XNNX_ARGUMENTS;
  }
}
