#include "src/xnnx/references.h"

void xnnx_f32_vscaleexpminusmax_reference(
    size_t batch_bytes, const float* input, float* output, double scale, float max, float shift)
{
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    output[i] = xnnx_probability_reference(input[i] - shift, xnnx_exponent(max), scale);
  }
}
