#include "src/xnnx/references.h"

void xnnx_f32_vmulcstream_reference(size_t batch_bytes, const float* input, float* output, double multiplier)
{
  xnnx_f32_vmulc_reference(batch_bytes, input, output, multiplier);
}
