// The softmax of rows of one block each. Comes behind a vocabulary of src/simd; generated files say XNNX_UKERNEL and
// XNNX_TILE.

#include "src/f32-softmaxrows/long-rows.h"
#include "src/f32-softmaxrows/short-rows.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_softmaxrows;

void XNNX_UKERNEL XNNX_F32_PARAMETERS_softmaxrows
{
  if (channels > XNNX_SHORT_ROW_CHANNELS) {
    compute_long_rows XNNX_ARGUMENTS;
  } else {
    compute_short_rows XNNX_ARGUMENTS;
  }
}
