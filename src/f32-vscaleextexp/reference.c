#include "src/xnnx/references.h"

void xnnx_f32_vscaleextexp_reference(
    size_t batch_bytes, const float* input, float* output, double scale, float exponent, float shift)
{
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    output[i] = xnnx_probability_reference(input[i] - shift, exponent, scale);
  }
}
