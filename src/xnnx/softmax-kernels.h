// The kernels that a softmax operator calls.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <xnnpack.h>

#include "src/xnnx/isa.h"
#include "src/xnnx/kernel-families.h"

#ifdef __cplusplus
extern "C" {
#endif

struct xnnx_kernel_identity {
  const char* name;  // NULL: no kernel
  enum xnnx_isa isa;
  size_t tile;
};

// Of each family the function and which one it is: `rmax` and `rmax_identity`, and so on.
struct xnnx_softmax_kernels {
#define XNNX_FAMILY(family) \
  xnnx_f32_##family##_fn family; \
  struct xnnx_kernel_identity family##_identity;
  XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY
};

// Of each family the default kernel of the best instruction set among `usable_isas` (bit i: instruction set i).
// xnn_status_unsupported_hardware if a family has none; sets the error sentence in the name of `function_name`.
enum xnn_status xnnx_select_softmax_kernels(
    const char* function_name, uint32_t usable_isas, struct xnnx_softmax_kernels* kernels);

#ifdef __cplusplus
}  // extern "C"
#endif
