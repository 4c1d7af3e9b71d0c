#include "src/xnnx/references.h"

void xnnx_f32_vscaleextexp_reference XNNX_F32_PARAMETERS_vscaleextexp
{
  (void) stream;
  for (size_t i = 0; i < count; i++) {
    const float x = shift == 0.0f ? input[i] : input[i] - shift;
    output[i] = xnnx_result_reference(xnnx_exponential_reference(x, exponent), scale);
  }
}
