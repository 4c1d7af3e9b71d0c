#include "src/xnnx/references.h"

// Of the many pairs with the same value, the one whose exponent is that of the largest exp(input[i] - shift).
void xnnx_f32_raddextexp_reference(size_t batch_bytes, const float* input, struct xnnx_pair* sum, float shift)
{
  const double log2e = 1.4426950408889634;
  double max = (double) XNNX_EXP_LOWEST;
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    max = fmax(max, (double) (input[i] - shift));
  }
  sum->exponent = rint(max * log2e);
  sum->mantissa = 0.0;
  for (size_t i = 0; i < batch_bytes / sizeof(float); i++) {
    sum->mantissa += xnnx_relative_exp_reference(input[i] - shift, sum->exponent);
  }
}
