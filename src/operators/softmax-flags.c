#include "src/xnnx/softmax-flags.h"

#include "src/xnnx/error.h"

enum xnn_status xnnx_check_softmax_flags(const char* function_name, uint32_t flags)
{
  if ((flags & ~XNNX_SOFTMAX_FLAGS) != 0) {
    xnnx_set_last_error("%s: flags 0x%08x have unknown bits 0x%08x", function_name, flags, flags & ~XNNX_SOFTMAX_FLAGS);
    return xnn_status_invalid_parameter;
  }
  const uint32_t algorithms = flags & XNNX_ALGORITHM_FLAGS;
  if ((algorithms & (algorithms - 1)) != 0) {
    xnnx_set_last_error("%s: flags 0x%08x force more than one algorithm", function_name, flags);
    return xnn_status_invalid_parameter;
  }
  return xnn_status_success;
}
