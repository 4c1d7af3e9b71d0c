#include "src/xnnx/softmax-algorithm.h"

#include <cpuinfo.h>
#include <xnnpack-softmax.h>

// Where cpuinfo knows no cache: less than any processor with vector units has had.
static const size_t fallback_cache_bytes = 256 * 1024;

static size_t cache_bytes(const struct cpuinfo_cache* cache)
{
  return cache == NULL ? 0 : cache->size;
}

static size_t second_cache_bytes(void)
{
  const size_t bytes = cache_bytes(cpuinfo_get_l2_caches_count() != 0 ? cpuinfo_get_l2_cache(0) : NULL);
  return bytes != 0 ? bytes : fallback_cache_bytes;
}

static size_t largest_cache_bytes(void)
{
  const size_t fourth = cache_bytes(cpuinfo_get_l4_caches_count() != 0 ? cpuinfo_get_l4_cache(0) : NULL);
  const size_t third = cache_bytes(cpuinfo_get_l3_caches_count() != 0 ? cpuinfo_get_l3_cache(0) : NULL);
  return fourth != 0 ? fourth : third != 0 ? third : second_cache_bytes();
}

bool xnnx_tensors_exceed_caches(size_t elements)
{
  return elements > largest_cache_bytes() / (2 * sizeof(float));
}

// A core's share of a last-level cache that others use as well. Of 32 MiB, on an AMD EPYC (Zen 4), it was faster to take 8 MiB
// of input and output for near, and 16 MiB for far; of 300 MiB, on an Intel Xeon (Emerald Rapids, 2 MiB of second cache),
// 40 MiB for near, and 56 MiB for far.
static size_t largest_near_bytes(void)
{
  const size_t share_of_largest = largest_cache_bytes() / 3;
  const size_t share_of_core = 24 * second_cache_bytes();
  return share_of_largest < share_of_core ? share_of_largest : share_of_core;
}

bool xnnx_tensors_are_far(size_t elements)
{
  return elements > largest_near_bytes() / (2 * sizeof(float));
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
