// Exponentials relative to the row's maximum, scaled. Comes behind a vocabulary of src/simd; generated files say
// XNNX_UKERNEL and XNNX_TILE.

#include "src/f32-vscaleextexp/scale.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_vscaleexpminusmax;

void XNNX_UKERNEL XNNX_F32_PARAMETERS_vscaleexpminusmax
{
  scale_exponentials(count, input, output, xnnx_reference_of_max(max), scale, stream);
}
