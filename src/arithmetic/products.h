// Products of exponentials with a double, rounded once, as docs/arithmetic.md has them: in a cache, or past the caches.

#pragma once

#include <math.h>

#include "src/xnnx/sums.h"

#define XNNX_LINE_ELEMENTS ((size_t) 16)

XNNX_SIMD size_t xnnx_at_most_vector(size_t count)
{
  return count < 16 ? count : 16;
}

XNNX_SIMD xnnx_f32x16 xnnx_times(xnnx_f32x16 a, xnnx_two_floats factor)
{
  return xnnx_multiply_add(a, factor.high, xnnx_multiply(a, factor.low));
}

XNNX_SIMD void xnnx_store_products(size_t tile, size_t count, const float* input, float* output, xnnx_two_floats factor)
{
  for (; count >= tile; count -= tile) {
    XNNX_UNROLL for (size_t i = 0; i < tile; i += 16)
    {
      xnnx_store(output + i, xnnx_times(xnnx_load_once(input + i), factor));
    }
    input += tile;
    output += tile;
  }
  for (; count >= 16; count -= 16) {
    xnnx_store(output, xnnx_times(xnnx_load(input), factor));
    input += 16;
    output += 16;
  }
  if (count != 0) {
    xnnx_store_first(output, count, xnnx_times(xnnx_load_first(input, count, xnnx_broadcast(0.0f)), factor));
  }
}

// Exponentials times a factor that is 0, NaN or so small that a product would lose bits.
static XNNX_NEVER_INLINE void xnnx_store_rare_results(
    size_t count, const float* exponentials, float* output, double factor)
{
  const xnnx_two_floats larger_factor = xnnx_split(factor / XNNX_POWER_BEFORE_FACTOR);
  while (count != 0) {
    const size_t vector = xnnx_at_most_vector(count);
    // Without a factor, what is multiplied may be a NaN itself.
    xnnx_f32x16 y = xnnx_broadcast(factor == 0.0 ? 0.0f : NAN);
    if (factor > 0.0) {
      const xnnx_f32x16 e = xnnx_load_first(exponentials, vector, xnnx_broadcast(0.0f));
      y = xnnx_times(xnnx_multiply(e, xnnx_broadcast(XNNX_POWER_BEFORE_FACTOR)), larger_factor);
    }
    xnnx_store_first(output, vector, y);
    count -= vector;
    exponentials += vector;
    output += vector;
  }
}

// Exponentials times any factor.
XNNX_SIMD void xnnx_store_results(size_t tile, size_t count, const float* exponentials, float* output, double factor)
{
  if (XNNX_LIKELY(factor >= XNNX_SMALLEST_FACTOR)) {
    xnnx_store_products(tile, count, exponentials, output, xnnx_split(factor));
  } else {
    xnnx_store_rare_results(count, exponentials, output, factor);
  }
}

// Multiplies what waits, and streams it: of a struct xnnx_streamed_block what is left.
typedef struct {
  size_t count;
  const float* input;
  float* output;
  xnnx_two_floats factor;
} xnnx_stream_of_products;

// The first `count` products, of less than a line, each as wide as can be.
XNNX_SIMD void xnnx_store_part_of_line(float* output, size_t count, xnnx_f32x16 a)
{
  float lanes[16];
  xnnx_store(lanes, a);
  const float* rest = lanes;
  XNNX_UNROLL for (size_t width = 8; width != 0; width /= 2)
  {
    if (count & width) {
      __builtin_memcpy(output, rest, width * sizeof(float));
      output += width;
      rest += width;
    }
  }
}

XNNX_SIMD size_t xnnx_elements_up_to_line(const float* output, size_t count)
{
  const size_t in_line = (uintptr_t) output / sizeof(float) % XNNX_LINE_ELEMENTS;
  const size_t to_line = in_line == 0 ? 0 : XNNX_LINE_ELEMENTS - in_line;
  return to_line < count ? to_line : count;
}

XNNX_SIMD xnnx_stream_of_products xnnx_begin_products(
    size_t count, const float* input, float* output, xnnx_two_floats factor)
{
  // The last line, which is stored in parts, is fetched in time.
  __builtin_prefetch(output + count - 1, 1);
  const size_t first = xnnx_elements_up_to_line(output, count);
  if (first != 0) {
    const xnnx_f32x16 a = xnnx_load_first(input, first, xnnx_broadcast(0.0f));
    xnnx_store_part_of_line(output, first, xnnx_times(a, factor));
  }
  return (xnnx_stream_of_products){count - first, input + first, output + first, factor};
}

XNNX_SIMD void xnnx_stream_products(size_t vectors, xnnx_stream_of_products* products)
{
  XNNX_UNROLL for (size_t i = 0; i < vectors; i++)
  {
    xnnx_stream(products->output + 16 * i, xnnx_times(xnnx_load(products->input + 16 * i), products->factor));
  }
  products->count -= 16 * vectors;
  products->input += 16 * vectors;
  products->output += 16 * vectors;
}

XNNX_SIMD void xnnx_end_products(xnnx_stream_of_products products)
{
  while (products.count >= 16) {
    xnnx_stream_products(1, &products);
  }
  if (products.count != 0) {
    const xnnx_f32x16 a = xnnx_load_first(products.input, products.count, xnnx_broadcast(0.0f));
    xnnx_store_part_of_line(products.output, products.count, xnnx_times(a, products.factor));
  }
}
