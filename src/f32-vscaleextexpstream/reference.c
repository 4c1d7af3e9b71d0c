#include "src/xnnx/references.h"

void xnnx_f32_vscaleextexpstream_reference(
    size_t batch_bytes, const float* input, float* output, double scale, float exponent, float shift)
{
  xnnx_f32_vscaleextexp_reference(batch_bytes, input, output, scale, exponent, shift);
}
