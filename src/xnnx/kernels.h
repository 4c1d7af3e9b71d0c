// Every kernel, declared from the generated tables.

#pragma once

#include "src/xnnx/kernel-families.h"

#ifdef __cplusplus
extern "C" {
#endif

#define XNNX_UKERNEL(family, isa, function, tile, accumulators, is_default) void function XNNX_F32_PARAMETERS_##family;
#include "src/xnnx/gen/kernels.inc"
#undef XNNX_UKERNEL

#ifdef __cplusplus
}  // extern "C"
#endif
