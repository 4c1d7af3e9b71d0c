#include "src/xnnx/softmax-algorithm.h"

#include <cpuinfo.h>
#include <xnnpack-softmax.h>

// Where cpuinfo knows no cache: less than any processor with vector units has had.
static const size_t fallback_cache_bytes = 256 * 1024;

static size_t largest_cache_bytes(void)
{
  const struct cpuinfo_cache* caches[] = {
      cpuinfo_get_l4_caches_count() != 0 ? cpuinfo_get_l4_cache(0) : NULL,
      cpuinfo_get_l3_caches_count() != 0 ? cpuinfo_get_l3_cache(0) : NULL,
      cpuinfo_get_l2_caches_count() != 0 ? cpuinfo_get_l2_cache(0) : NULL,
  };
  for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
    if (caches[i] != NULL && caches[i]->size != 0) {
      return caches[i]->size;
    }
  }
  return fallback_cache_bytes;
}

const char* xnnx_softmax_algorithm_name(enum xnnx_softmax_algorithm algorithm)
{
  switch (algorithm) {
    case xnnx_softmax_one_pass:
      return "one_pass";
    case xnnx_softmax_two_pass:
      return "two_pass";
    case xnnx_softmax_three_pass_recompute:
      return "three_pass_recompute";
    case xnnx_softmax_three_pass_reload:
      return "three_pass_reload";
  }
  return "unknown";
}

enum xnnx_softmax_algorithm xnnx_choose_softmax_algorithm(uint32_t flags, size_t channels, size_t one_pass_channels)
{
  if (flags & XNNX_FLAG_TWO_PASS) {
    return xnnx_softmax_two_pass;
  }
  if (flags & XNNX_FLAG_THREE_PASS_RECOMPUTE) {
    return xnnx_softmax_three_pass_recompute;
  }
  if (flags & XNNX_FLAG_THREE_PASS_RELOAD) {
    return xnnx_softmax_three_pass_reload;
  }
  if (channels <= one_pass_channels) {
    return xnnx_softmax_one_pass;
  }
  // In cache, computing each exponential once wins; beyond it, moving the fewest bytes.
  const size_t elements_in_cache = largest_cache_bytes() / (2 * sizeof(float));
  return channels <= elements_in_cache ? xnnx_softmax_three_pass_reload : xnnx_softmax_two_pass;
}
