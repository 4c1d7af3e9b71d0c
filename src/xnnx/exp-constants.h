// The constants of the exponential; tools/derive-constants.py derives and writes them.

#pragma once

#include <stdint.h>

#define XNNX_EXP_LOG2E 0x1.715476p+0f
#define XNNX_EXP_A 0x1.f9aa24p-1f
#define XNNX_EXP_B 0x1.5e8p-1f
#define XNNX_EXP_C0 -0x1.00d43ap-5f
#define XNNX_EXP_C1 0x1.f6296ep-1f
#define XNNX_EXP_C2 0x1.fc7926p-2f
#define XNNX_EXP_C3 0x1.57442ap-3f

// The bits of 2^(k / 16 + 1) / (1 + XNNX_EXP_C0), less k << 19.
static const uint32_t xnnx_exp_table[16] = {
  0x40042491, 0x4001fe49, 0x40001a50, 0x3ffe7b96,
  0x3ffd252c, 0x3ffc1a45, 0x3ffb5e39, 0x3ffaf486,
  0x3ffae0d1, 0x3ffb26e9, 0x3ffbcac8, 0x3ffcd094,
  0x3ffe3ca4, 0x4000137e, 0x400259dd, 0x400514b1,
};

// 2^(k / 16) for odd k is x + x * XNNX_EXP_STEP, rounded once, with x that for k - 1.
#define XNNX_EXP_STEP 0x1.6ab0d8p-5f

// exp(XNNX_EXP_SHIFT_STEP * a ln 2 / b) = XNNX_EXP_OF_SHIFT_STEP_MANTISSA * 2^XNNX_EXP_OF_SHIFT_STEP_EXPONENT.
#define XNNX_EXP_SHIFT_STEP 0x1p+10f
#define XNNX_EXP_OF_SHIFT_STEP_MANTISSA 0x1.3f82d169b920cp+0
#define XNNX_EXP_OF_SHIFT_STEP_EXPONENT 1477.0
