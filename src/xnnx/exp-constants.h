// The constants of the exponential; tools/derive-constants.py derives and writes them.

#pragma once

#define XNNX_EXP_LOG2E 0x1.715476p+0f
#define XNNX_EXP_LN2_HI 0x1.62e43p-1f
#define XNNX_EXP_LN2_LO -0x1.05c61p-29f
#define XNNX_EXP_C1 0x1p+0f
#define XNNX_EXP_C2 0x1.fffff2p-2f
#define XNNX_EXP_C3 0x1.555484p-3f
#define XNNX_EXP_C4 0x1.555cd8p-5f
#define XNNX_EXP_C5 0x1.123fcp-7f
#define XNNX_EXP_C6 0x1.683b3ep-10f
