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
#define XNNX_EXP_LUT8_ROUND_TO_EIGHTH -0x1.5cdd5p+20f
#define XNNX_EXP_LUT8_C2 0x1.00000cp-1f
#define XNNX_EXP_LUT8_C3 0x1.555c88p-3f
#define XNNX_EXP_LUT8_C4 0x1.53be42p-5f
#define XNNX_EXP_LUT16_C0 -0x1.00d43ap-5f
#define XNNX_EXP_LUT16_C1 0x1.eff2bcp-1f
#define XNNX_EXP_LUT16_C2 0x1.eff81cp-2f
#define XNNX_EXP_LUT16_C3 0x1.4aaf98p-3f

// 2^(k / 8) exp(XNNX_EXP_LUT8_ROUND_TO_EIGHTH * XNNX_EXP_LN2_LO).
static const float xnnx_exp_lut8_values[8] = {
  0x1.00b29cp+0f, 0x1.17ee4ap+0f, 0x1.314448p+0f, 0x1.4ce54ep+0f,
  0x1.6b067ep+0f, 0x1.8be1c8p+0f, 0x1.afb65cp+0f, 0x1.d6c92p+0f,
};

// 2^(k / 16) / (1 + XNNX_EXP_LUT16_C0).
static const float xnnx_exp_lut16_values[16] = {
  0x1.084922p+0f, 0x1.13fc92p+0f, 0x1.2034ap+0f, 0x1.2cf72cp+0f,
  0x1.3a4a58p+0f, 0x1.48348ap+0f, 0x1.56bc72p+0f, 0x1.65e90cp+0f,
  0x1.75c1a2p+0f, 0x1.864dd2p+0f, 0x1.97959p+0f, 0x1.a9a128p+0f,
  0x1.bc7948p+0f, 0x1.d026fcp+0f, 0x1.e4b3bap+0f, 0x1.fa2962p+0f,
};

// 2^(k / 16).
static const double xnnx_exp_powers_of_sixteenth[16] = {
  0x1.0000000000000p+0, 0x1.0b5586cf9890fp+0, 0x1.172b83c7d517bp+0, 0x1.2387a6e756238p+0,
  0x1.306fe0a31b715p+0, 0x1.3dea64c123422p+0, 0x1.4bfdad5362a27p+0, 0x1.5ab07dd485429p+0,
  0x1.6a09e667f3bcdp+0, 0x1.7a11473eb0187p+0, 0x1.8ace5422aa0dbp+0, 0x1.9c49182a3f090p+0,
  0x1.ae89f995ad3adp+0, 0x1.c199bdd85529cp+0, 0x1.d5818dcfba487p+0, 0x1.ea4afa2a490dap+0,
};

// exp(XNNX_EXP_SHIFT_STEP) = XNNX_EXP_OF_SHIFT_STEP_MANTISSA * 2^XNNX_EXP_OF_SHIFT_STEP_EXPONENT.
#define XNNX_EXP_SHIFT_STEP 0x1p+16f
#define XNNX_EXP_OF_SHIFT_STEP_MANTISSA 0x1.60ad100de4867p+0
#define XNNX_EXP_OF_SHIFT_STEP_EXPONENT 94548.0
