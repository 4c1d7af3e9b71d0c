#include "src/xnnx/references.h"

void xnnx_f32_vscaleexpminusmax_reference XNNX_F32_PARAMETERS_vscaleexpminusmax
{
  const struct xnnx_pair reference = xnnx_scale_reference(max);
  xnnx_f32_vscaleextexp_reference(count, input, output, reference.exponent, reference.shift, scale, stream);
}
