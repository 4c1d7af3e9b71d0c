// Stores exponentials relative to their blocks' maxima and sums them. Comes behind a vocabulary of src/simd; generated
// files say XNNX_UKERNEL and XNNX_TILE.

#include "src/arithmetic/block.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_raddstoreexpminusmax;

static XNNX_NEVER_INLINE double store_shifted_block(
    xnnx_block block, struct xnnx_pair reference, float* max, xnnx_stream_of_products* products)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_shifted = true, .is_stored = true};
  return xnnx_sum_shifted_block(way, block, reference, max, products);
}

static XNNX_NEVER_INLINE void store_beside_stream(
    xnnx_run run, float* max, const struct xnnx_streamed_blocks* streamed)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_stored = true, .streams = true, .is_far = true};
  xnnx_sum_run(way, run, max, streamed, store_shifted_block);
}

static XNNX_NEVER_INLINE void store_far_blocks(xnnx_run run, float* max)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_stored = true, .is_far = true};
  xnnx_sum_run(way, run, max, /*streamed=*/NULL, store_shifted_block);
}

void XNNX_UKERNEL XNNX_F32_PARAMETERS_raddstoreexpminusmax
{
  const xnnx_run run = {
      .count = count,
      .input = input,
      .output = output,
      .sums = sums,
      .next_count = next_count,
      .next_input = next_input,
  };
  if (streamed != NULL) {
    store_beside_stream(run, max, streamed);
  } else if (is_far) {
    store_far_blocks(run, max);
  } else {
    const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_stored = true};
    xnnx_sum_run(way, run, max, /*streamed=*/NULL, store_shifted_block);
  }
}
