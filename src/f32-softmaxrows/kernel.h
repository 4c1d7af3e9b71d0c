// The softmax of rows of one block each. Comes behind a vocabulary of src/simd; generated files say XNNX_UKERNEL and
// XNNX_TILE.

#include "src/f32-softmaxrows/long-rows.h"
#include "src/f32-softmaxrows/short-rows.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_softmaxrows;

void XNNX_UKERNEL XNNX_F32_PARAMETERS_softmaxrows
{
  const bool is_short = channels <= XNNX_SHORT_ROW_CHANNELS;
  if (rows == 1 && is_short) {
    compute_short_row(channels, input, output, scale_of_fully_masked);
  } else if (rows == 1 && channels <= XNNX_BLOCK_ELEMENTS) {
    compute_near_block(channels, input, output, scale_of_fully_masked);
  } else if (is_short) {
    compute_short_rows XNNX_ARGUMENTS;
  } else {
    compute_long_rows XNNX_ARGUMENTS;
  }
}
