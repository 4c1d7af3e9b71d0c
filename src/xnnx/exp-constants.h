// The constants of the exponential; tools/derive-constants.py derives and writes them.

#pragma once

#define XNNX_EXP_LOG2E 0x1.715476p+0f
#define XNNX_EXP_LN2_HI 0x1.62e43p-1f
#define XNNX_EXP_LN2_LO -0x1.05c61p-29f
#define XNNX_EXP_C2 0x1.fffff2p-2f
#define XNNX_EXP_C3 0x1.555484p-3f
#define XNNX_EXP_C4 0x1.555cd8p-5f
#define XNNX_EXP_C5 0x1.123fcp-7f
#define XNNX_EXP_C6 0x1.683b3ep-10f
#define XNNX_EXP_LUT16_C1 0x1p+0f
#define XNNX_EXP_LUT16_C2 0x1.0002c6p-1f
#define XNNX_EXP_LUT16_C3 0x1.55578ep-3f

// 2^(k / 16) as floats, and what is missing, relative.
static const float xnnx_exp_lut16_values[16] = {
  0x1p+0f, 0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f,
  0x1.306fep+0f, 0x1.3dea64p+0f, 0x1.4bfdaep+0f, 0x1.5ab07ep+0f,
  0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f,
  0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f,
};
static const float xnnx_exp_lut16_errors[16] = {
  0x0p+0f, 0x1.8d96d4p-25f, -0x1.9c0c22p-27f, 0x1.964904p-25f,
  0x1.125002p-25f, 0x1.370be4p-25f, -0x1.0a355p-25f, -0x1.00d8acp-27f,
  0x1.26055cp-26f, -0x1.05cb44p-25f, 0x1.67a1cap-28f, 0x1.a3b5e4p-28f,
  -0x1.f9c304p-27f, -0x1.6961b4p-28f, -0x1.a5217cp-28f, 0x1.61428ep-28f,
};
