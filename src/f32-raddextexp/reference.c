#include "src/xnnx/references.h"

void xnnx_f32_raddextexp_reference XNNX_F32_PARAMETERS_raddextexp
{
  for (size_t offset = 0; offset < count; offset += XNNX_BLOCK_ELEMENTS) {
    const size_t block_count = count - offset < XNNX_BLOCK_ELEMENTS ? count - offset : XNNX_BLOCK_ELEMENTS;
    const float max = xnnx_max_reference(block_count, input + offset);
    xnnx_f32_raddexpminusmax_reference(block_count, input + offset, max, &sums[offset / XNNX_BLOCK_ELEMENTS]);
  }
}
