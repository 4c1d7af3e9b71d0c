// The sums of blocks' exponentials as pairs that cannot overflow. Comes behind a vocabulary of src/simd; generated files
// say XNNX_UKERNEL and XNNX_TILE.

#include "src/arithmetic/block.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_raddextexp;

static XNNX_NEVER_INLINE double sum_shifted_block(
    xnnx_block block, struct xnnx_pair reference, float* max, xnnx_stream_of_products* products)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_shifted = true};
  return xnnx_sum_shifted_block(way, block, reference, max, products);
}

void XNNX_UKERNEL XNNX_F32_PARAMETERS_raddextexp
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_far = true};
  const xnnx_run run = {.count = count, .input = input, .sums = sums};
  float max = xnnx_first_lane(xnnx_max_of_block(count < XNNX_BLOCK_ELEMENTS ? count : XNNX_BLOCK_ELEMENTS, input));
  xnnx_sum_run(way, run, &max, /*streamed=*/NULL, sum_shifted_block);
}
