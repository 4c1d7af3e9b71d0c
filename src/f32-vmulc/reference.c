#include "src/xnnx/references.h"

void xnnx_f32_vmulc_reference XNNX_F32_PARAMETERS_vmulc
{
  (void) stream;
  for (size_t i = 0; i < count; i++) {
    output[i] = xnnx_result_reference(input[i], factor);
  }
}
