#include "src/operators/softmax-block.h"

#include <string.h>

float xnnx_shift_of(float max)
{
  const bool needs_shift = fabsf(max) > XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT && fabsf(max) <= FLT_MAX;
  // Every float beyond 2^40 is a multiple itself.
  return needs_shift ? rintf(max / XNNX_EXP_SHIFT_STEP) * XNNX_EXP_SHIFT_STEP : 0.0f;
}

double xnnx_ratio_of_scales(struct xnnx_block_sum a, struct xnnx_block_sum b)
{
  if (a.mantissa == 0.0) {
    return 0.0;
  }
  const double exponent_difference = (double) a.exponent - (double) b.exponent;
  const float shift_difference = a.shift - b.shift;
  if (shift_difference == 0.0f) {
    return xnnx_power_of_two(exponent_difference);
  }
  if (shift_difference == -XNNX_EXP_SHIFT_STEP) {
    return xnnx_power_of_two(exponent_difference - XNNX_EXP_OF_SHIFT_STEP_EXPONENT) / XNNX_EXP_OF_SHIFT_STEP_MANTISSA;
  }
  if (shift_difference == XNNX_EXP_SHIFT_STEP) {
    return xnnx_power_of_two(exponent_difference + XNNX_EXP_OF_SHIFT_STEP_EXPONENT) * XNNX_EXP_OF_SHIFT_STEP_MANTISSA;
  }
  // Maxima with shifts that are no neighbours differ by more than half a step.
  return 0.0;
}

// The logarithm of a sum's scale, well enough to tell which one is largest. A sum of 0 has none.
static double log_of_scale(struct xnnx_block_sum sum)
{
  return sum.mantissa == 0.0 ? -INFINITY : (double) sum.shift + (double) sum.exponent * (double) XNNX_EXP_LN2_HI;
}

struct xnnx_block_sum xnnx_add_block_sums(const struct xnnx_block_sum* sums, size_t count)
{
  struct xnnx_block_sum total = sums[0];
  for (size_t i = 1; i < count; i++) {
    if (log_of_scale(sums[i]) > log_of_scale(total)) {
      total = sums[i];
    }
  }
  double mantissa = 0.0;
  for (size_t i = 0; i < count; i++) {
    mantissa += sums[i].mantissa * xnnx_ratio_of_scales(sums[i], total);
  }
  total.mantissa = mantissa;
  return total;
}

static float larger_max(const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float max_of_others)
{
  float max;
  kernels->rmax(count * sizeof(float), input, &max);
  return max_of_others > max ? max_of_others : max;
}

// Elements from one look at a block to the next: a quarter of it, so that none misses a window, and 64 to 512.
static size_t elements_between_looks(size_t count)
{
  const size_t quarter = count / 4;
  if (quarter < XNNX_ESTIMATED_ELEMENTS) {
    return XNNX_ESTIMATED_ELEMENTS;
  }
  return quarter < 8 * XNNX_ESTIMATED_ELEMENTS ? quarter : 8 * XNNX_ESTIMATED_ELEMENTS;
}

// The last elements, for blocks that are masked at their start, and some between, for those that are masked at both
// ends. An estimate that is too low costs less than looking at all. But if it were above all elements they would have
// no sum, so that all are looked at for one that is finite.
struct xnnx_estimate xnnx_estimate_rare_max(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float max_of_first)
{
  const size_t piece = count < XNNX_ESTIMATED_ELEMENTS ? count : XNNX_ESTIMATED_ELEMENTS;
  const size_t step = elements_between_looks(count);
  float max = larger_max(kernels, piece, input + count - piece, max_of_first);
  for (size_t offset = step; offset + piece <= count && max <= XNNX_LARGEST_MASK; offset += step) {
    max = larger_max(kernels, piece, input + offset, max);
  }
  // Without a NaN anywhere, if every element is like the next one.
  if (input[0] == -INFINITY && max == -INFINITY && memcmp(input, input + 1, (count - 1) * sizeof(float)) == 0) {
    return (struct xnnx_estimate){.max = -INFINITY, .shift = 0.0f};
  }
  for (size_t offset = 0; offset < count && !(max >= -FLT_MAX); offset += step) {
    max = larger_max(kernels, count - offset < step ? count - offset : step, input + offset, max);
  }
  if (!(fabsf(max) <= FLT_MAX)) {
    return (struct xnnx_estimate){.max = -XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT, .shift = 0.0f};
  }
  const float shift = xnnx_shift_of(max);
  return (struct xnnx_estimate){.max = max - shift, .shift = shift};
}

double xnnx_begin_product(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor)
{
  if (factor < 0x1p-90 && factor > 0.0) {
    kernels->vmulc(count * sizeof(float), output, output, 0x1p-64);
    factor *= 0x1p+64;
  }
  return factor;
}

void xnnx_multiply_block(const struct xnnx_softmax_kernels* kernels, size_t count, float* output, double factor)
{
  if (factor == 0.0) {
    memset(output, 0, count * sizeof(float));
  } else {
    factor = xnnx_begin_product(kernels, count, output, factor);
    kernels->vmulc(count * sizeof(float), output, output, factor);
  }
}

// The shift of elements whose largest is `max`, after some that `start` sums: the same, so that their scales differ by a
// power of two, which rounds nothing, unless theirs is so far below that they are nothing beside these.
static float shift_of_rest(float max, struct xnnx_block_sum start)
{
  // With some room, because the scale is not exactly that of the largest of them.
  const bool start_is_something = (double) max - log_of_scale(start) <= (double) XNNX_EXP_NOTHING_BESIDE - 2.0;
  return start_is_something ? start.shift : xnnx_shift_of(max);
}

// Stores the exponentials of the elements from `stored` on, for which the estimate that `start` has its scale from was
// too low, and brings those before to their scale. Returns the sum of all.
static struct xnnx_block_sum store_rest(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* exponentials, size_t stored,
    struct xnnx_block_sum start)
{
  const float* rest = input + stored;
  const size_t rest_bytes = (count - stored) * sizeof(float);
  float max;
  kernels->rmax(rest_bytes, rest, &max);
  if (!(fabsf(max) <= FLT_MAX)) {
    return (struct xnnx_block_sum){.mantissa = (double) NAN};
  }
  struct xnnx_block_sum sum = {.shift = shift_of_rest(max, start)};
  max -= sum.shift;
  sum.exponent = xnnx_exponent(max);
  kernels->raddstoreexpminusmax(rest_bytes, rest, exponentials + stored, &sum.mantissa, max, max, sum.shift);
  if (stored != 0) {
    const double ratio = xnnx_ratio_of_scales(start, sum);
    xnnx_multiply_block(kernels, stored, exponentials, ratio);
    sum.mantissa += start.mantissa * ratio;
  }
  return sum;
}

struct xnnx_block_sum xnnx_store_rest_of_block(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* exponentials, size_t stored_bytes,
    struct xnnx_block_sum start)
{
  struct xnnx_block_sum sum = start;
  if (stored_bytes != count * sizeof(float)) {
    sum = store_rest(kernels, count, input, exponentials, stored_bytes / sizeof(float), start);
  }
  if (isnan(sum.mantissa)) {
    memset(exponentials, 0, count * sizeof(float));
  }
  return sum;
}

struct xnnx_block_sum xnnx_store_masked_block(size_t count, float* exponentials)
{
  memset(exponentials, 0, count * sizeof(float));
  return (struct xnnx_block_sum){.mantissa = 0.0};
}

struct xnnx_block_sum xnnx_store_block_beside_stream(
    const struct xnnx_softmax_kernels* kernels, size_t count, const float* input, float* exponentials,
    struct xnnx_estimate estimate, const float* next_input, const float* stream_input, float* stream_output,
    double stream_factor)
{
  if (XNNX_UNLIKELY(estimate.max == -INFINITY)) {
    kernels->vmulcstream(count * sizeof(float), stream_input, stream_output, stream_factor);
    return xnnx_store_masked_block(count, exponentials);
  }
  struct xnnx_block_sum sum = {.shift = estimate.shift, .exponent = xnnx_exponent(estimate.max)};
  size_t stored_bytes;
  kernels->raddstoreexpminusestimatestream(
      count * sizeof(float), input, exponentials, &sum.mantissa, estimate.max, estimate.shift, &stored_bytes, next_input,
      stream_input, stream_output, stream_factor);
  return xnnx_complete_block(kernels, count, input, exponentials, stored_bytes, sum);
}
