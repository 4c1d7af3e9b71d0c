// The arithmetic that the kernels and the operator rely on: that of IEEE 754, in the type that is written.

#pragma once

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "xnnpack-softmax cannot be built with -ffast-math or -Ofast: masks, NaNs and compensated sums need IEEE 754. Programs may be."
#endif

#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "xnnpack-softmax cannot be built with x87 arithmetic, which rounds otherwise: build with -msse2 -mfpmath=sse."
#endif
