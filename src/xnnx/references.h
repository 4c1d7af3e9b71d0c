// Of each family the reference: plain C that gives the bits of docs/arithmetic.md. Tests compare the fast kernels with it.

#pragma once

#include "src/arithmetic/reference.h"
#include "src/xnnx/kernel-families.h"

#ifdef __cplusplus
extern "C" {
#endif

#define XNNX_FAMILY(family) void xnnx_f32_##family##_reference XNNX_F32_PARAMETERS_##family;
XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY

#ifdef __cplusplus
}  // extern "C"
#endif
