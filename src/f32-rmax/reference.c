#include "src/xnnx/references.h"

void xnnx_f32_rmax_reference XNNX_F32_PARAMETERS_rmax
{
  *max = xnnx_max_reference(count, input);
}
