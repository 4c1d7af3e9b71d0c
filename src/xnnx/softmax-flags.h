// What the public softmax flags mean, for the operator and for the graph layer.

#pragma once

#include <stdint.h>

#include <xnnpack-softmax.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XNNX_ALGORITHM_FLAGS \
  (XNNX_FLAG_BLOCKED | XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE | XNNX_FLAG_THREE_PASS_RELOAD)
#define XNNX_SOFTMAX_FLAGS (XNNX_ALGORITHM_FLAGS | XNNX_FLAG_ZERO_FULLY_MASKED_ROWS | XNNX_FLAG_KEEP_OUTPUT_IN_CACHE)

// xnn_status_invalid_parameter, and the error sentence in the name of `function_name`, for unknown bits and for more
// than one algorithm.
enum xnn_status xnnx_check_softmax_flags(const char* function_name, uint32_t flags);

#ifdef __cplusplus
}  // extern "C"
#endif
