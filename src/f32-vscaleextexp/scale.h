// What f32-vscaleextexp and f32-vscaleexpminusmax have in common: they are told the scale of the exponentials otherwise.

#include "src/arithmetic/block.h"

// Outputs go past the caches or not, and elements are shifted or not: each is a function of its own.
#define XNNX_SCALE(name, shifted, past_caches) \
  static XNNX_NEVER_INLINE void name( \
      size_t count, const float* input, float* output, struct xnnx_pair reference, double scale) \
  { \
    const xnnx_way_to_scale way = {.tile = XNNX_TILE, .is_shifted = shifted, .streams = past_caches}; \
    xnnx_scale_block(way, count, input, output, reference, scale); \
  }
XNNX_SCALE(store, false, false)
XNNX_SCALE(store_shifted, true, false)
XNNX_SCALE(stream_past_caches, false, true)
XNNX_SCALE(stream_shifted, true, true)
#undef XNNX_SCALE

XNNX_SIMD void scale_exponentials(
    size_t count, const float* input, float* output, struct xnnx_pair reference, double scale, bool stream)
{
  if (XNNX_UNLIKELY(reference.shift != 0.0f)) {
    (stream ? stream_shifted : store_shifted)(count, input, output, reference, scale);
  } else {
    (stream ? stream_past_caches : store)(count, input, output, reference, scale);
  }
}
