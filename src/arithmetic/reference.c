#include "src/arithmetic/reference.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xnnpack-softmax.h>

enum { lanes = 16 };

struct xnnx_pair xnnx_scale_reference(float max)
{
  struct xnnx_pair scale = {.mantissa = 0.0, .shift = 0.0f};
  if (max == -INFINITY) {
    max = -1024.0f;
  } else if (fabsf(max) > 931.61145f && fabsf(max) <= FLT_MAX) {
    scale.shift = rintf(max / 1024.0f) * 1024.0f;
  }
  const float relative_max = fabsf(max) <= FLT_MAX ? max - scale.shift : 0.0f;
  scale.exponent = floorf(fmaf(relative_max, XNNX_EXP_LOG2E, 0x1.8p+19f) - 0x1.8p+19f) - 1.0f;
  return scale;
}

float xnnx_exponential_reference(float x, float exponent)
{
  const float shifted = fmaf(x, XNNX_EXP_LOG2E, 0x1.8p+19f);
  const float rounded = shifted - 0x1.8p+19f;
  if (!(x <= FLT_MAX)) {
    return NAN;
  }
  if (rounded <= exponent - 126.0f) {
    return 0.0f;
  }
  const float t = fmaf(x, XNNX_EXP_A, rounded * -XNNX_EXP_B);
  const float p = fmaf(fmaf(fmaf(XNNX_EXP_C3, t, XNNX_EXP_C2), t, XNNX_EXP_C1), t, XNNX_EXP_C0);
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof(bits));
  bits = xnnx_exp_table[bits % 16] + (bits << 19) + ((uint32_t) (-1 - (int32_t) exponent) << 23);
  float power;
  memcpy(&power, &bits, sizeof(power));
  return fmaf(power, p, power);
}

float xnnx_max_reference(size_t count, const float* input)
{
  float max = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    max = isnan(input[i]) || input[i] > max ? input[i] : max;
    if (isnan(max)) {
      break;
    }
  }
  return max;
}

static float shifted_exponential(float x, struct xnnx_pair scale)
{
  return xnnx_exponential_reference(scale.shift == 0.0f ? x : x - scale.shift, scale.exponent);
}

static void store_exponentials(size_t count, const float* input, struct xnnx_pair scale, float* output)
{
  for (size_t i = 0; i < count; i++) {
    output[i] = shifted_exponential(input[i], scale);
  }
}

// The part of a term in one lane: two vectors' exponentials, or one's.
static float term_in_lane(size_t count, const float* exponentials, size_t first, size_t lane)
{
  const float y = first + lane < count ? exponentials[first + lane] : 0.0f;
  const bool has_second_vector = first + lanes < count;
  if (!has_second_vector) {
    return y;
  }
  return y + (first + lanes + lane < count ? exponentials[first + lanes + lane] : 0.0f);
}

static double add_lanes(double* sums)
{
  for (size_t distance = lanes / 2; distance != 0; distance /= 2) {
    for (size_t lane = 0; lane < distance; lane++) {
      sums[lane] += sums[lane + distance];
    }
  }
  return sums[0];
}

double xnnx_block_sum_reference(size_t count, const float* input, struct xnnx_pair scale, float* output)
{
  const size_t term_count = (count - 1) / (2 * lanes) + 1;
  double sums[lanes];
  store_exponentials(count, input, scale, output);
  for (size_t lane = 0; lane < lanes; lane++) {
    float sum = 8.0f;
    float lost = 0.0f;
    size_t k = 0;
    for (; k + 2 < term_count; k++) {
      const float term = term_in_lane(count, output, k * 2 * lanes, lane);
      const float new_sum = sum + term;
      lost = lost + (term - (new_sum - sum));
      sum = new_sum;
    }
    sums[lane] = (double) (sum - 8.0f) + (double) lost;
    for (; k < term_count; k++) {
      sums[lane] += (double) term_in_lane(count, output, k * 2 * lanes, lane);
    }
  }
  return add_lanes(sums);
}

// A row of one vector: its halves make a term.
static float add_halves(size_t count, const float* exponentials, size_t lane)
{
  const size_t other_lane = lane + lanes / 2;
  return (lane < count ? exponentials[lane] : 0.0f) + (other_lane < count ? exponentials[other_lane] : 0.0f);
}

double xnnx_short_row_sum_reference(size_t count, const float* input, struct xnnx_pair scale, float* output)
{
  double sums[lanes] = {0.0};
  store_exponentials(count, input, scale, output);
  if (count <= lanes) {
    for (size_t lane = 0; lane < lanes / 2; lane++) {
      sums[lane] = (double) add_halves(count, output, lane);
    }
    return add_lanes(sums);
  }
  for (size_t lane = 0; lane < lanes; lane++) {
    for (size_t first = 0; first < count; first += 2 * lanes) {
      sums[lane] += (double) term_in_lane(count, output, first, lane);
    }
  }
  return add_lanes(sums);
}

static float product(float a, double factor)
{
  uint64_t bits;
  double leading;
  memcpy(&bits, &factor, sizeof(bits));
  bits &= UINT64_C(0xFFFFFFFFE0000000);
  memcpy(&leading, &bits, sizeof(leading));
  return fmaf(a, (float) leading, a * (float) (factor - leading));
}

float xnnx_result_reference(float e, double factor)
{
  if (isnan(factor)) {
    return NAN;
  }
  if (factor == 0.0) {
    return 0.0f;
  }
  return factor < 0x1p-90 ? product(e * 0x1p-64f, factor * 0x1p+64) : product(e, factor);
}

static void finish(size_t count, float* elements, double factor)
{
  for (size_t i = 0; i < count; i++) {
    elements[i] = xnnx_result_reference(elements[i], factor);
  }
}

static double scale_of_row(double sum, double scale_of_fully_masked)
{
  return sum > 0.0 ? 1.0 / sum : sum == 0.0 ? scale_of_fully_masked : (double) NAN;
}

void xnnx_short_row_reference(size_t channels, const float* input, float* output, double scale_of_fully_masked)
{
  const struct xnnx_pair scale = xnnx_scale_reference(xnnx_max_reference(channels, input));
  const double sum = xnnx_short_row_sum_reference(channels, input, scale, output);
  finish(channels, output, scale_of_row(sum, scale_of_fully_masked));
}

// Far below or above: whether one scale is larger than another, and their ratio.
static double log_of_scale(struct xnnx_pair sum)
{
  return sum.mantissa == 0.0 ? -INFINITY : (double) sum.shift + (double) sum.exponent * XNNX_LN2;
}

static double ratio_of_scales(struct xnnx_pair a, struct xnnx_pair b)
{
  const double exponents = (double) a.exponent - (double) b.exponent;
  const float shifts = a.shift - b.shift;
  double ratio = 0.0;
  if (a.mantissa == 0.0) {
    return 0.0;
  }
  if (shifts == 0.0f && exponents >= -1022.0) {
    ratio = ldexp(1.0, (int) exponents);
  } else if (shifts == -1024.0f && exponents - XNNX_EXP_OF_SHIFT_STEP_EXPONENT >= -1022.0) {
    ratio = ldexp(1.0, (int) (exponents - XNNX_EXP_OF_SHIFT_STEP_EXPONENT)) / XNNX_EXP_OF_SHIFT_STEP_MANTISSA;
  } else if (shifts == 1024.0f && exponents + XNNX_EXP_OF_SHIFT_STEP_EXPONENT >= -1022.0) {
    ratio = ldexp(1.0, (int) (exponents + XNNX_EXP_OF_SHIFT_STEP_EXPONENT)) * XNNX_EXP_OF_SHIFT_STEP_MANTISSA;
  }
  return ratio;
}

void xnnx_row_in_blocks_reference(size_t channels, const float* input, float* output, double scale_of_fully_masked)
{
  const size_t block_count = (channels + XNNX_BLOCK_ELEMENTS - 1) / XNNX_BLOCK_ELEMENTS;
  struct xnnx_pair* sums = malloc(block_count * sizeof(*sums));
  struct xnnx_pair largest = {.mantissa = 0.0};
  for (size_t block = 0; block < block_count; block++) {
    const size_t first = block * XNNX_BLOCK_ELEMENTS;
    const size_t count = channels - first < XNNX_BLOCK_ELEMENTS ? channels - first : XNNX_BLOCK_ELEMENTS;
    sums[block] = xnnx_scale_reference(xnnx_max_reference(count, input + first));
    sums[block].mantissa = xnnx_block_sum_reference(count, input + first, sums[block], output + first);
    if (block == 0 || log_of_scale(sums[block]) > log_of_scale(largest)) {
      largest = sums[block];
    }
  }
  double sum = 0.0;
  for (size_t block = 0; block < block_count; block++) {
    sum += sums[block].mantissa * ratio_of_scales(sums[block], largest);
  }
  const double scale = scale_of_row(sum, scale_of_fully_masked);
  for (size_t block = 0; block < block_count; block++) {
    const size_t first = block * XNNX_BLOCK_ELEMENTS;
    const size_t count = channels - first < XNNX_BLOCK_ELEMENTS ? channels - first : XNNX_BLOCK_ELEMENTS;
    finish(count, output + first, isnan(scale) ? scale : scale * ratio_of_scales(sums[block], largest));
  }
  free(sums);
}

void xnnx_softmax_reference(uint32_t flags, size_t channels, const float* input, float* output)
{
  const uint32_t algorithms = XNNX_FLAG_BLOCKED | XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE |
                              XNNX_FLAG_THREE_PASS_RELOAD;
  const double scale_of_fully_masked = (flags & XNNX_FLAG_ZERO_FULLY_MASKED_ROWS) != 0 ? 0.0 : (double) NAN;
  if (channels <= XNNX_SHORT_ROW_CHANNELS && (flags & algorithms) == 0) {
    xnnx_short_row_reference(channels, input, output, scale_of_fully_masked);
  } else {
    xnnx_row_in_blocks_reference(channels, input, output, scale_of_fully_masked);
  }
}
