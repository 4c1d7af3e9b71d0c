// Exponentials relative to an exponent, scaled. Comes behind a vocabulary of src/simd; generated files say XNNX_UKERNEL
// and XNNX_TILE.

#include "src/f32-vscaleextexp/scale.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_vscaleextexp;

void XNNX_UKERNEL XNNX_F32_PARAMETERS_vscaleextexp
{
  scale_exponentials(count, input, output, (struct xnnx_pair){.exponent = exponent, .shift = shift}, scale, stream);
}
