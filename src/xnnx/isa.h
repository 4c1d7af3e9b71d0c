// The instruction sets of kernels.bzl, and which of them may run here.

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xnnpack.h>

#ifdef __cplusplus
extern "C" {
#endif

// Best first.
enum xnnx_isa {
#define XNNX_ISA(name, is_present) xnnx_isa_##name,
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
  xnnx_isa_count,
};

const char* xnnx_isa_name(enum xnnx_isa isa);

// Sets bit i of *usable for every instruction set i that this processor has and that XNNX_MAX_ISA allows: the one that
// it names and all that are listed after it. Reads the environment at every call.
//
// xnn_status_invalid_parameter     XNNX_MAX_ISA is not a known name
// xnn_status_unsupported_hardware  the processor cannot be identified
// Sets the error sentence in the name of `function_name`.
enum xnn_status xnnx_find_usable_isas(const char* function_name, uint32_t* usable);

#ifdef __cplusplus
}  // extern "C"
#endif
