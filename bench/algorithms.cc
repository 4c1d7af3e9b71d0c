#include "bench/algorithms.h"

#include <xnnpack-softmax.h>

namespace xnnx_bench {

const std::vector<Algorithm>& all_algorithms()
{
  static const std::vector<Algorithm> algorithms = {
      {"blocked", XNNX_FLAG_BLOCKED, 2, 2},
      {"two_pass", XNNX_FLAG_TWO_PASS, 2, 1},
      {"three_pass_recompute", XNNX_FLAG_THREE_PASS_RECOMPUTE, 3, 1},
      {"three_pass_reload", XNNX_FLAG_THREE_PASS_RELOAD, 3, 2},
  };
  return algorithms;
}

}  // namespace xnnx_bench
