// Exponentials times a factor. Comes behind a vocabulary of src/simd; generated files say XNNX_UKERNEL and XNNX_TILE.

#include "src/arithmetic/products.h"
#include "src/xnnx/kernel-families.h"

void XNNX_UKERNEL XNNX_F32_PARAMETERS_vmulc;

static XNNX_NEVER_INLINE void stream_products(size_t count, const float* input, float* output, xnnx_two_floats factor)
{
  xnnx_stream_of_products products = xnnx_begin_products(count, input, output, factor);
  while (products.count >= XNNX_TILE) {
    xnnx_stream_products(XNNX_TILE / 16, &products);
  }
  xnnx_end_products(products);
  xnnx_end_stream();
}

void XNNX_UKERNEL XNNX_F32_PARAMETERS_vmulc
{
  if (stream && XNNX_LIKELY(factor >= XNNX_SMALLEST_FACTOR)) {
    stream_products(count, input, output, xnnx_split(factor));
  } else {
    xnnx_store_results(XNNX_TILE, count, input, output, factor);
    if (stream) {
      xnnx_end_stream();  // of what left beside exponentials before
    }
  }
}
