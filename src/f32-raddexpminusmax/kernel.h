// The sum of a block's exponentials relative to its maximum. Comes behind a vocabulary of src/simd; generated files say
// XNNX_UKERNEL and XNNX_TILE.

#include "src/arithmetic/block.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_raddexpminusmax;

XNNX_SIMD double sum_block(size_t count, const float* input, struct xnnx_pair reference, bool is_shifted)
{
  const xnnx_way_to_sum way = {.tile = XNNX_TILE, .is_shifted = is_shifted};
  const xnnx_block block = {.count = count, .input = input};
  xnnx_f32x16 unused;
  return xnnx_sum_block(way, block, xnnx_relation_to_pair(reference), &unused, /*products=*/NULL);
}

static XNNX_NEVER_INLINE double sum_shifted_block(size_t count, const float* input, struct xnnx_pair reference)
{
  return sum_block(count, input, reference, /*is_shifted=*/true);
}

void XNNX_UKERNEL XNNX_F32_PARAMETERS_raddexpminusmax
{
  *sum = xnnx_reference_of_max(max);
  if (XNNX_UNLIKELY(sum->shift != 0.0f)) {
    sum->mantissa = sum_shifted_block(count, input, *sum);
  } else {
    sum->mantissa = sum_block(count, input, *sum, /*is_shifted=*/false);
  }
}
