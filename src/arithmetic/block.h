// What kernels do with a block of elements: its maximum, the exponentials, kept or computed again, and their sum.

#pragma once

#include <math.h>

#include "src/arithmetic/exponential.h"
#include "src/arithmetic/products.h"
#include "src/arithmetic/sum.h"
#include "src/xnnx/kernel-families.h"
#include "src/xnnx/sums.h"

// What is computed soon is fetched into the second cache: the first one holds what is computed now.
XNNX_SIMD void xnnx_fetch_to_read(size_t count, const float* elements)
{
  XNNX_UNROLL for (size_t i = 0; i < count; i += XNNX_LINE_ELEMENTS)
  {
    __builtin_prefetch(elements + i, /*for writing: */ 0, /*locality: */ 2);
  }
}

// A store reads the rest of its line, too.
XNNX_SIMD void xnnx_fetch_to_write(size_t count, const float* elements)
{
  XNNX_UNROLL for (size_t i = 0; i < count; i += XNNX_LINE_ELEMENTS)
  {
    __builtin_prefetch(elements + i, /*for writing: */ 1, /*locality: */ 2);
  }
}

XNNX_SIMD xnnx_f32x16 xnnx_nothing(void)
{
  return xnnx_broadcast(-INFINITY);
}

// What missing lanes are taken for where exponentials are computed: 0 beside any maximum that needs no shift. -infinity would
// be the same, but is an invalid operand on the way: where that flag is raised and cleared in turn, a processor may take 20 ns.
XNNX_SIMD xnnx_f32x16 xnnx_missing(bool is_shifted)
{
  return xnnx_broadcast(is_shifted ? -INFINITY : XNNX_EXP_MISSING);
}

// The largest of 16 times `vectors` elements in each lane.
XNNX_SIMD xnnx_f32x16 xnnx_max_of_vectors(size_t vectors, const float* input, xnnx_f32x16 max)
{
  XNNX_UNROLL for (size_t i = 0; i < vectors; i += 2)
  {
    max = xnnx_max(max, xnnx_max(xnnx_load(input + 16 * i), xnnx_load(input + 16 * i + 16)));
  }
  return max;
}

// The largest elements, in any lanes.
XNNX_SIMD xnnx_f32x16 xnnx_max_of_elements(size_t count, const float* input)
{
  xnnx_f32x16 max[4] = {xnnx_nothing(), xnnx_nothing(), xnnx_nothing(), xnnx_nothing()};
  for (; count >= 128; count -= 128) {
    XNNX_UNROLL for (size_t k = 0; k < 4; k++) max[k] = xnnx_max_of_vectors(2, input + 32 * k, max[k]);
    input += 128;
  }
  if (count >= 64) {
    XNNX_UNROLL for (size_t k = 0; k < 4; k++) max[k] = xnnx_max(max[k], xnnx_load(input + 16 * k));
    input += 64;
    count -= 64;
  }
  for (; count >= 16; count -= 16) {
    max[0] = xnnx_max(max[0], xnnx_load(input));
    input += 16;
  }
  if (count != 0) {
    max[1] = xnnx_max(max[1], xnnx_load_first(input, count, xnnx_nothing()));
  }
  return xnnx_max(xnnx_max(max[0], max[1]), xnnx_max(max[2], max[3]));
}

XNNX_SIMD xnnx_f32x16 xnnx_max_of_block(size_t count, const float* input)
{
  return xnnx_max_in_all_lanes(xnnx_max_of_elements(count, input));
}

// Whether elements up to `max` need no shift, and none of them is infinite.
XNNX_SIMD bool xnnx_is_ordinary_max(xnnx_f32x16 max)
{
  return fabsf(xnnx_first_lane(max)) <= XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT;
}

// The same of a maximum that is rounded to a sixteenth.
XNNX_SIMD bool xnnx_is_ordinary_rounded(xnnx_f32x16 rounded)
{
  return fabsf(xnnx_first_lane(rounded) - XNNX_ROUND_TO_SIXTEENTH) <= XNNX_EXP_LARGEST_UNSHIFTED_SIXTEENTH;
}

// What exponentials of elements up to `max` are relative to, without their sum. Where all elements are -infinity, what has
// them all be 0; where max is NaN or +infinity, anything finite, since that element's exponential is NaN.
XNNX_SIMD struct xnnx_pair xnnx_reference_of_max(float max)
{
  struct xnnx_pair pair = {.mantissa = 0.0, .shift = 0.0f};
  if (XNNX_UNLIKELY(!(fabsf(max) <= XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT))) {
    pair.shift = xnnx_shift_of(max);
    max = max == -INFINITY ? XNNX_EXP_LOWEST : fabsf(max) <= FLT_MAX ? max - pair.shift : 0.0f;
  }
  pair.exponent = xnnx_exponent_of_rounded(xnnx_rounded_exponent_of_max(xnnx_broadcast(max)));
  return pair;
}

// How a block's exponentials are summed: constants, of which each set is a function of its own.
typedef struct {
  size_t tile;
  bool is_shifted;
  bool is_stored;
  bool streams;
  // Elements come from memory and not from a cache. The processor's prefetchers lose a stream that is read in two places more
  // than half a page apart, so the next block is only fetched beside this one, and its maximum is found afterwards.
  bool is_far;
} xnnx_way_to_sum;

// Elements, and where their exponentials go: NULL where that is nowhere, or in a cache.
typedef struct {
  size_t count;
  const float* input;
  float* output;
} xnnx_elements;

// A block; the next one, whose maximum is found meanwhile; and what is fetched if elements are far.
typedef struct {
  size_t count;
  const float* input;
  float* output;
  size_t next_count;
  const float* next_input;
  xnnx_elements fetched;
} xnnx_block;

// What is known of its elements.
typedef struct {
  float shift;
  xnnx_scaled_table table;
} xnnx_relation;

XNNX_SIMD xnnx_relation xnnx_relation_to(float shift, xnnx_f32x16 rounded_exponent)
{
  return (xnnx_relation){shift, xnnx_scale_table(xnnx_relative_to(rounded_exponent))};
}

XNNX_SIMD xnnx_relation xnnx_relation_to_pair(struct xnnx_pair reference)
{
  return xnnx_relation_to(reference.shift, xnnx_rounded_exponent(reference.exponent));
}

XNNX_SIMD xnnx_reduced xnnx_reduce_element(bool is_shifted, xnnx_relation relation, xnnx_f32x16 x)
{
  return xnnx_reduce(is_shifted ? xnnx_subtract(x, xnnx_broadcast(relation.shift)) : x);
}

XNNX_SIMD xnnx_f32x16 xnnx_load_at_most_vector(bool is_shifted, size_t count, const float* input)
{
  return count >= 16 ? xnnx_load(input) : xnnx_load_first(input, count, xnnx_missing(is_shifted));
}

XNNX_SIMD void xnnx_store_at_most_vector(size_t count, float* output, xnnx_f32x16 a)
{
  if (count >= 16) {
    xnnx_store(output, a);
  } else {
    xnnx_store_first(output, count, a);
  }
}

// The last exponentials of a block, of which there are up to 32.
typedef struct {
  size_t count;
  xnnx_f32x16 first;
  xnnx_f32x16 second;
} xnnx_last_exponentials;

XNNX_SIMD xnnx_last_exponentials xnnx_compute_last(
    bool is_shifted, xnnx_relation relation, size_t count, const float* input)
{
  const xnnx_f32x16 x = xnnx_load_at_most_vector(is_shifted, count, input);
  xnnx_last_exponentials last = {
      .count = count,
      .first = xnnx_exponential(xnnx_reduce_element(is_shifted, relation, x), relation.table),
      .second = xnnx_broadcast(0.0f),
  };
  if (count > 16) {
    const xnnx_f32x16 second_x = xnnx_load_at_most_vector(is_shifted, count - 16, input + 16);
    last.second = xnnx_exponential(xnnx_reduce_element(is_shifted, relation, second_x), relation.table);
  }
  return last;
}

XNNX_SIMD void xnnx_store_last(xnnx_last_exponentials last, float* output)
{
  if (last.count != 0) {
    xnnx_store_at_most_vector(last.count, output, last.first);
  }
  if (last.count > 16) {
    xnnx_store_at_most_vector(last.count - 16, output + 16, last.second);
  }
}

// Where nothing is stored there is no output, to which nothing may be added.
XNNX_SIMD float* xnnx_output_at(xnnx_way_to_sum way, float* output, size_t offset)
{
  return way.is_stored ? output + offset : NULL;
}

XNNX_SIMD void xnnx_fetch_next(size_t count, xnnx_elements* elements)
{
  xnnx_fetch_to_read(count, elements->input);
  if (elements->output != NULL) {
    xnnx_fetch_to_write(count, elements->output);
    elements->output += count;
  }
  elements->input += count;
  elements->count -= count;
}

// Two or four vectors at once, since the steps of one wait for each other. Their terms go to `waiting`, the newest last; the
// oldest ones that wait there are added meanwhile, so that the sums do not wait for exponentials.
XNNX_SIMD xnnx_compensated_sum xnnx_compute_terms(
    xnnx_way_to_sum way, xnnx_relation relation, size_t vectors, const float* input, float* output,
    xnnx_compensated_sum sum, size_t waiting_terms, xnnx_f32x16* waiting)
{
  const size_t terms = vectors / 2;
  xnnx_reduced reduced[4];
  xnnx_f32x16 y[4];
  XNNX_UNROLL for (size_t i = 0; i < vectors; i++)
  {
    reduced[i] = xnnx_reduce_element(way.is_shifted, relation, xnnx_load_once(input + 16 * i));
  }
  XNNX_UNROLL for (size_t i = 0; i < terms; i++) sum = xnnx_add_term(sum, waiting[i]);
  XNNX_UNROLL for (size_t i = 0; i < vectors; i++)
  {
    y[i] = xnnx_exponential(reduced[i], relation.table);
    if (way.is_stored) {
      xnnx_store(output + 16 * i, y[i]);
    }
  }
  XNNX_UNROLL for (size_t i = terms; i < waiting_terms; i++) waiting[i - terms] = waiting[i];
  XNNX_UNROLL for (size_t i = 0; i < terms; i++)
  {
    waiting[waiting_terms - terms + i] = xnnx_add(y[2 * i], y[2 * i + 1]);
  }
  return sum;
}

// The sum of a block's exponentials, which it stores if they are wanted, but for the last ones. *max is that of the next block,
// in all lanes.
XNNX_SIMD double xnnx_sum_all_but_store_last(
    xnnx_way_to_sum way, xnnx_block block, xnnx_relation relation, xnnx_f32x16* max, xnnx_stream_of_products* products,
    xnnx_last_exponentials* last)
{
  const size_t batch = way.tile % 64 == 0 ? 64 : 32;
  xnnx_compensated_sum sum = xnnx_begin_sum();
  const size_t waiting_terms = batch / 32;
  // The last two terms may be the two that wait; where one waits, registers have no room for another, and something is left.
  const size_t least_left = waiting_terms == 2 ? 0 : 1;
  xnnx_f32x16 waiting[2] = {xnnx_broadcast(0.0f), xnnx_broadcast(0.0f)};
  xnnx_f32x16 next_max = xnnx_nothing();
  for (; block.count >= way.tile + least_left; block.count -= way.tile) {
    if (way.is_far && block.fetched.count >= way.tile) {
      xnnx_fetch_next(way.tile, &block.fetched);
    }
    if (!way.is_far && block.next_count >= way.tile) {
      next_max = xnnx_max_of_vectors(way.tile / 16, block.next_input, next_max);
      block.next_count -= way.tile;
      block.next_input += way.tile;
    }
    XNNX_UNROLL for (size_t i = 0; i < way.tile; i += batch)
    {
      float* output = xnnx_output_at(way, block.output, i);
      sum = xnnx_compute_terms(
          way, relation, batch / 16, block.input + i, output, sum, waiting_terms, waiting);
    }
    if (way.streams && products->count >= way.tile) {
      xnnx_stream_products(way.tile / 16, products);
    }
    block.input += way.tile;
    block.output = xnnx_output_at(way, block.output, way.tile);
  }
  for (; block.count >= 32 + least_left; block.count -= 32) {
    sum = xnnx_compute_terms(way, relation, 2, block.input, block.output, sum, waiting_terms, waiting);
    block.input += 32;
    block.output = xnnx_output_at(way, block.output, 32);
  }
  while (way.is_far && block.fetched.count >= XNNX_LINE_ELEMENTS) {
    xnnx_fetch_next(XNNX_LINE_ELEMENTS, &block.fetched);
  }
  last->count = 0;
  xnnx_f32x16 last_terms[2] = {waiting[0], waiting[1]};
  if (least_left != 0 || block.count != 0) {
    *last = xnnx_compute_last(way.is_shifted, relation, block.count, block.input);
    XNNX_UNROLL for (size_t i = 0; i + 1 < waiting_terms; i++) sum = xnnx_add_term(sum, waiting[i]);
    last_terms[0] = waiting[waiting_terms - 1];
    last_terms[1] = xnnx_add(last->first, last->second);
  }
  if (block.next_count != 0) {
    next_max = xnnx_max(next_max, xnnx_max_of_elements(block.next_count, block.next_input));
  }
  *max = xnnx_max_in_all_lanes(next_max);
  return xnnx_end_sum(sum, last_terms[0], last_terms[1]);
}

// The same, the last ones stored as well.
XNNX_SIMD double xnnx_sum_block(
    xnnx_way_to_sum way, xnnx_block block, xnnx_relation relation, xnnx_f32x16* max, xnnx_stream_of_products* products)
{
  xnnx_last_exponentials last;
  const double sum = xnnx_sum_all_but_store_last(way, block, relation, max, products, &last);
  if (way.is_stored) {
    xnnx_store_last(last, block.output + (block.count - last.count));
  }
  return sum;
}

// The same for a block whose elements are shifted, which is rare.
XNNX_SIMD double xnnx_sum_shifted_block(
    xnnx_way_to_sum way, xnnx_block block, struct xnnx_pair reference, float* max, xnnx_stream_of_products* products)
{
  xnnx_f32x16 next_max;
  const double sum = xnnx_sum_block(way, block, xnnx_relation_to_pair(reference), &next_max, products);
  *max = xnnx_first_lane(next_max);
  return sum;
}

// A run of blocks.
typedef struct {
  size_t count;
  const float* input;
  float* output;
  struct xnnx_pair* sums;
  size_t next_count;
  const float* next_input;
  float* next_output;
} xnnx_run;

// Sums a shifted block: a function of its own, so that nothing of it is in the way of ordinary ones.
typedef double (*xnnx_sum_function)(
    xnnx_block block, struct xnnx_pair reference, float* max, xnnx_stream_of_products* products);

XNNX_SIMD xnnx_stream_of_products xnnx_begin_streamed_block(
    size_t count, const struct xnnx_streamed_blocks* streamed, size_t offset)
{
  const float* exponentials = streamed->input + offset;
  float* output = streamed->output + offset;
  const double factor = streamed->factors[offset / XNNX_BLOCK_ELEMENTS];
  if (XNNX_UNLIKELY(!(factor >= XNNX_SMALLEST_FACTOR))) {
    xnnx_store_rare_results(count, exponentials, output, factor);
    return (xnnx_stream_of_products){0};
  }
  return xnnx_begin_products(count, exponentials, output, xnnx_split(factor));
}

// The sums of a run's blocks. *max is that of the first block, and afterwards that of the run's next elements.
XNNX_SIMD void xnnx_sum_run(
    xnnx_way_to_sum way, xnnx_run run, float* max, const struct xnnx_streamed_blocks* streamed,
    xnnx_sum_function sum_shifted)
{
  xnnx_f32x16 block_max = xnnx_broadcast(*max);
  for (size_t offset = 0; offset < run.count; offset += XNNX_BLOCK_ELEMENTS) {
    const size_t left = run.count - offset;
    const size_t count = left < XNNX_BLOCK_ELEMENTS ? left : XNNX_BLOCK_ELEMENTS;
    const size_t behind = left - count;
    const bool is_last = behind == 0;
    const xnnx_elements next = {
        .count = is_last ? run.next_count : behind < XNNX_BLOCK_ELEMENTS ? behind : XNNX_BLOCK_ELEMENTS,
        .input = is_last ? run.next_input : run.input + offset + count,
        .output = is_last ? run.next_output : way.streams ? NULL : xnnx_output_at(way, run.output, offset + count),
    };
    const xnnx_block block = {
        .count = count,
        .input = run.input + offset,
        .output = xnnx_output_at(way, run.output, offset),
        .next_count = next.count,
        .next_input = next.input,
        .fetched = next,
    };
    struct xnnx_pair* sum = &run.sums[offset / XNNX_BLOCK_ELEMENTS];
    xnnx_stream_of_products products = {0};
    if (way.streams) {
      products = xnnx_begin_streamed_block(count, streamed, offset);
    }
    // Nothing that ordinary blocks use has an address that a function knows: it would be in memory, and waited for.
    if (XNNX_UNLIKELY(!xnnx_is_ordinary_max(block_max))) {
      float next_max = xnnx_first_lane(block_max);
      xnnx_stream_of_products other_products = products;
      *sum = xnnx_reference_of_max(next_max);
      sum->mantissa = sum_shifted(block, *sum, &next_max, &other_products);
      block_max = xnnx_broadcast(next_max);
      products = other_products;
    } else {
      const xnnx_f32x16 rounded_exponent = xnnx_rounded_exponent_of_max(block_max);
      const xnnx_relation relation = xnnx_relation_to(/*shift=*/0.0f, rounded_exponent);
      sum->mantissa = xnnx_sum_block(way, block, relation, &block_max, &products);
      sum->exponent = xnnx_exponent_of_rounded(rounded_exponent);
      sum->shift = 0.0f;
    }
    if (way.streams) {
      xnnx_end_products(products);
    }
  }
  *max = xnnx_first_lane(block_max);
}

// How a block's exponentials are computed again, and end as probabilities.
typedef struct {
  size_t tile;
  bool is_shifted;
  bool streams;
} xnnx_way_to_scale;

XNNX_SIMD xnnx_f32x16 xnnx_scaled_exponential(
    xnnx_way_to_scale way, xnnx_f32x16 x, xnnx_relation relation, xnnx_two_floats factor)
{
  const xnnx_reduced reduced = xnnx_reduce_element(way.is_shifted, relation, x);
  return xnnx_times(xnnx_exponential(reduced, relation.table), factor);
}

XNNX_SIMD void xnnx_scale_vectors(
    xnnx_way_to_scale way, size_t vectors, const float* input, float* output, xnnx_relation relation,
    xnnx_two_floats factor)
{
  xnnx_f32x16 y[4];
  XNNX_UNROLL for (size_t i = 0; i < vectors; i++)
  {
    y[i] = xnnx_scaled_exponential(way, xnnx_load(input + 16 * i), relation, factor);
  }
  XNNX_UNROLL for (size_t i = 0; i < vectors; i++)
  {
    if (way.streams) {
      xnnx_stream(output + 16 * i, y[i]);
    } else {
      xnnx_store(output + 16 * i, y[i]);
    }
  }
}

XNNX_SIMD void xnnx_scale_block(
    xnnx_way_to_scale way, size_t count, const float* input, float* output, struct xnnx_pair reference, double scale)
{
  if (XNNX_UNLIKELY(!(scale > 0.0))) {
    xnnx_store_rare_results(count, input, output, scale);
    return;
  }
  if (XNNX_UNLIKELY(scale < XNNX_SMALLEST_FACTOR)) {
    reference.exponent += 64.0f;  // exponentials times XNNX_POWER_BEFORE_FACTOR
    scale /= XNNX_POWER_BEFORE_FACTOR;
  }
  const xnnx_relation relation = xnnx_relation_to_pair(reference);
  const xnnx_two_floats factor = xnnx_split(scale);
  const size_t batch = way.tile % 64 == 0 ? 64 : 32;
  if (way.streams) {
    const size_t first = xnnx_elements_up_to_line(output, count);
    if (first != 0) {
      const xnnx_f32x16 x = xnnx_load_first(input, first, xnnx_missing(way.is_shifted));
      xnnx_store_part_of_line(output, first, xnnx_scaled_exponential(way, x, relation, factor));
    }
    count -= first;
    input += first;
    output += first;
  }
  for (; count >= way.tile; count -= way.tile) {
    XNNX_UNROLL for (size_t i = 0; i < way.tile; i += batch)
    {
      xnnx_scale_vectors(way, batch / 16, input + i, output + i, relation, factor);
    }
    input += way.tile;
    output += way.tile;
  }
  for (; count >= 16; count -= 16) {
    xnnx_scale_vectors(way, 1, input, output, relation, factor);
    input += 16;
    output += 16;
  }
  if (count != 0) {
    const xnnx_f32x16 x = xnnx_load_first(input, count, xnnx_missing(way.is_shifted));
    const xnnx_f32x16 y = xnnx_scaled_exponential(way, x, relation, factor);
    if (way.streams) {
      xnnx_store_part_of_line(output, count, y);
    } else {
      xnnx_store_first(output, count, y);
    }
  }
  if (way.streams) {
    xnnx_end_stream();
  }
}
