#include "src/xnnx/references.h"

void xnnx_f32_vsubc_reference(size_t batch_bytes, const float* input, float* output, float subtrahend)
{
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    output[i] = input[i] - subtrahend;
  }
}
