// The largest element. Comes behind a vocabulary of src/simd; generated files say XNNX_UKERNEL, XNNX_TILE and
// XNNX_ACCUMULATORS.

#include "src/arithmetic/block.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_rmax;

void XNNX_UKERNEL XNNX_F32_PARAMETERS_rmax
{
  const size_t vectors = XNNX_TILE / 16 / XNNX_ACCUMULATORS;
  xnnx_f32x16 maxima[XNNX_ACCUMULATORS];
  XNNX_UNROLL for (size_t k = 0; k < XNNX_ACCUMULATORS; k++) maxima[k] = xnnx_nothing();
  for (; count >= XNNX_TILE; count -= XNNX_TILE) {
    XNNX_UNROLL for (size_t k = 0; k < XNNX_ACCUMULATORS; k++)
    {
      maxima[k] = xnnx_max_of_vectors(vectors, input + 16 * vectors * k, maxima[k]);
    }
    input += XNNX_TILE;
  }
  xnnx_f32x16 largest = maxima[0];
  XNNX_UNROLL for (size_t k = 1; k < XNNX_ACCUMULATORS; k++) largest = xnnx_max(largest, maxima[k]);
  for (; count >= 16; count -= 16) {
    largest = xnnx_max(largest, xnnx_load(input));
    input += 16;
  }
  if (count != 0) {
    largest = xnnx_max(largest, xnnx_load_first(input, count, xnnx_nothing()));
  }
  *max = xnnx_first_lane(xnnx_max_in_all_lanes(largest));
}
