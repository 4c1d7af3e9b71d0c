#include "src/xnnx/softmax-kernels.h"

#include <stddef.h>

#include "src/xnnx/error.h"
#include "src/xnnx/kernels.h"

enum xnn_status xnnx_select_softmax_kernels(
    const char* function_name, uint32_t usable_isas, struct xnnx_softmax_kernels* kernels)
{
  *kernels = (struct xnnx_softmax_kernels){0};

  // The tables are sorted by instruction set, best first, so that the first usable default is the best.
#define XNNX_UKERNEL(family, kernel_isa, function, kernel_tile, accumulators, is_default)                       \
  if (is_default && kernels->family == NULL && (usable_isas >> xnnx_isa_##kernel_isa & 1) != 0) {        \
    kernels->family = function;                                                                          \
    kernels->family##_identity = (struct xnnx_kernel_identity){ \
      .name = #function, .isa = xnnx_isa_##kernel_isa, .tile = kernel_tile}; \
  }
#include "src/xnnx/gen/kernels.inc"
#undef XNNX_UKERNEL

#define XNNX_FAMILY(family)                                                                              \
  if (kernels->family == NULL) {                                                                         \
    xnnx_set_last_error("%s: no " #family " kernel runs on this processor", function_name);              \
    return xnn_status_unsupported_hardware;                                                              \
  }
  XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY
  return xnn_status_success;
}
