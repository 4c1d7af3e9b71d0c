#include "src/xnnx/references.h"

void xnnx_f32_raddexpminusmax_reference(size_t batch_bytes, const float* input, double* sum, float max, float largest, float shift)
{
  (void) largest;
  *sum = 0.0;
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    *sum += xnnx_relative_exp_reference(input[i] - shift, xnnx_exponent(max));
  }
}
