#include "src/xnnx/references.h"

void xnnx_f32_rmax_reference(size_t batch_bytes, const float* input, float* max)
{
  *max = -INFINITY;
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    *max = fmaxf(*max, input[i]);
  }
}
