#include "src/xnnx/references.h"

void xnnx_f32_raddstoreexpminusmax_reference XNNX_F32_PARAMETERS_raddstoreexpminusmax
{
  (void) is_far;
  for (size_t offset = 0; offset < count; offset += XNNX_BLOCK_ELEMENTS) {
    const size_t block = offset / XNNX_BLOCK_ELEMENTS;
    const size_t block_count = count - offset < XNNX_BLOCK_ELEMENTS ? count - offset : XNNX_BLOCK_ELEMENTS;
    const float block_max = offset == 0 ? *max : xnnx_max_reference(block_count, input + offset);
    sums[block] = xnnx_scale_reference(block_max);
    sums[block].mantissa = xnnx_block_sum_reference(block_count, input + offset, sums[block], output + offset);
    if (streamed != NULL) {
      xnnx_f32_vmulc_reference(
          block_count, streamed->input + offset, streamed->output + offset, streamed->factors[block], /*stream=*/true);
    }
  }
  *max = xnnx_max_reference(next_count, next_input);
}
