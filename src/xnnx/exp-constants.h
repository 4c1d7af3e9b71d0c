// The constants of the exponential; tools/derive-constants.py derives and writes them.

#pragma once

#define XNNX_EXP_LOG2E 0x1.715476p+0f
#define XNNX_EXP_LN2_HI 0x1.62e43p-1f
#define XNNX_EXP_LN2_LO -0x1.05c61p-29f
#define XNNX_EXP_C1 0x1.fffff4p-1f
#define XNNX_EXP_C2 0x1.fffd12p-2f
#define XNNX_EXP_C3 0x1.5559d8p-3f
#define XNNX_EXP_C4 0x1.5760d2p-5f
#define XNNX_EXP_C5 0x1.0ff9c6p-7f
