#include "src/xnnx/references.h"

void xnnx_f32_raddexpminusmax_reference XNNX_F32_PARAMETERS_raddexpminusmax
{
  float exponentials[XNNX_BLOCK_ELEMENTS];
  *sum = xnnx_scale_reference(max);
  sum->mantissa = xnnx_block_sum_reference(count, input, *sum, exponentials);
}
