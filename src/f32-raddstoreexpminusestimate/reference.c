#include "src/xnnx/references.h"

// Stores all that it may. A kernel may stop at the start of the vector that holds the first larger element.
void xnnx_f32_raddstoreexpminusestimate_reference(
    size_t batch_bytes,
    const float* input,
    float* output,
    double* sum,
    float estimate,
    float shift,
    size_t* stored_bytes,
    const float* next_input)
{
  (void) next_input;
  const float largest_stored = xnnx_largest_stored(xnnx_exponent(estimate));
  *sum = 0.0;
  *stored_bytes = 0;
  for (size_t i = 0; i < batch_bytes / sizeof(float) && !(input[i] - shift > largest_stored); i++) {
    const double y = xnnx_relative_exp_reference(input[i] - shift, xnnx_exponent(estimate));
    output[i] = (float) y;
    *sum += y;
    *stored_bytes += sizeof(float);
  }
}
