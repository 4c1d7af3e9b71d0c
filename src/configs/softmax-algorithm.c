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

bool xnnx_tensors_exceed_caches(size_t elements)
{
  return elements > largest_cache_bytes() / (2 * sizeof(float));
}

// Whether prefetchers lose a stream that is read in two places. Intel's do not: on a Xeon (Emerald Rapids) batches of 256 MiB
// and more took 1.0 to 1.2 times as long if taken for far.
static bool prefetchers_want_one_place(void)
{
#if defined(__x86_64__)
  return !__builtin_cpu_is("intel");
#else
  return true;
#endif
}

// Measured on a last-level cache of 32 MiB that others share, of an AMD EPYC (Zen 4): up to 8 MiB it is faster to take data for
// near, from 16 MiB on for far.
bool xnnx_tensors_are_far(size_t elements)
{
  return elements > largest_cache_bytes() / (6 * sizeof(float)) && prefetchers_want_one_place();
}

// Up to a quarter batches were faster with one thread and with two, on one cache for both; more threads share more.
bool xnnx_row_may_wait_in_cache(size_t channels)
{
  return channels <= largest_cache_bytes() / (8 * sizeof(float));
}

const char* xnnx_softmax_algorithm_name(enum xnnx_softmax_algorithm algorithm)
{
  switch (algorithm) {
    case xnnx_softmax_one_pass:
      return "one_pass";
    case xnnx_softmax_blocked:
      return "blocked";
    case xnnx_softmax_two_pass:
      return "two_pass";
    case xnnx_softmax_three_pass_recompute:
      return "three_pass_recompute";
    case xnnx_softmax_three_pass_reload:
      return "three_pass_reload";
  }
  return "unknown";
}

// The size of a row's input and output together from which on two passes are taken instead of blocks: a multiple of the
// last-level cache. In integers, because a caller may round and trap otherwise. tools/derive-thresholds.py measures it;
// docs/benchmarks.md has the crossovers and says why this one is chosen. With less arithmetic power one exponential an
// element stays ahead of fewer bytes.
static size_t two_pass_threshold_bytes(enum xnnx_isa isa)
{
  switch (isa) {
#if defined(__x86_64__)
    case xnnx_isa_avx512f:
      return largest_cache_bytes() / 2 * 3;
#endif
    default:
      return SIZE_MAX;
  }
}

enum xnnx_softmax_algorithm xnnx_choose_softmax_algorithm(
    uint32_t flags, size_t channels, const struct xnnx_softmax_kernels* kernels)
{
  if (flags & XNNX_FLAG_BLOCKED) {
    return xnnx_softmax_blocked;
  }
  if (flags & XNNX_FLAG_TWO_PASS) {
    return xnnx_softmax_two_pass;
  }
  if (flags & XNNX_FLAG_THREE_PASS_RECOMPUTE) {
    return xnnx_softmax_three_pass_recompute;
  }
  if (flags & XNNX_FLAG_THREE_PASS_RELOAD) {
    return xnnx_softmax_three_pass_reload;
  }
  if (channels <= XNNX_SHORT_ROW_CHANNELS) {
    return xnnx_softmax_one_pass;
  }
  const size_t bytes_per_element = 2 * sizeof(float);
  return channels < two_pass_threshold_bytes(kernels->raddextexp_identity.isa) / bytes_per_element
             ? xnnx_softmax_blocked
             : xnnx_softmax_two_pass;
}
