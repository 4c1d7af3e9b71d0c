#include "src/xnnx/references.h"

void xnnx_f32_raddstoreexpminusestimatestream_reference(
    size_t batch_bytes,
    const float* input,
    float* output,
    double* sum,
    float estimate,
    float shift,
    size_t* stored_bytes,
    const float* next_input,
    const float* stream_input,
    float* stream_output,
    double multiplier)
{
  xnnx_f32_raddstoreexpminusestimate_reference(batch_bytes, input, output, sum, estimate, shift, stored_bytes, next_input);
  xnnx_f32_vmulc_reference(batch_bytes, stream_input, stream_output, multiplier);
}
