#include "src/xnnx/references.h"

void xnnx_f32_vmulc_reference(size_t batch_bytes, const float* input, float* output, double multiplier)
{
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    output[i] = (float) ((double) input[i] * multiplier);
  }
}
