#include "src/xnnx/references.h"

void xnnx_f32_softmaxrows_reference XNNX_F32_PARAMETERS_softmaxrows
{
  (void) is_far;
  for (size_t row = 0; row < rows; row++) {
    (channels <= XNNX_SHORT_ROW_CHANNELS ? xnnx_short_row_reference : xnnx_row_in_blocks_reference)(
        channels, input + row * input_stride, output + row * output_stride, scale_of_fully_masked);
  }
}
