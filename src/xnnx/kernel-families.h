// The families of kernels: what each computes, and its parameters. Kernels include this and not the tables, so that a new
// row in these compiles no other kernel again.
//
// batch_bytes is the size of the input (and of the output, if any) in bytes: a positive multiple of 4. Pointers need
// the alignment of float only. Where a kernel has an output, it may equal the input. No byte outside both is touched.
// Kernels have no state: any number of threads may call them.
//
// Where there is a `shift`, x[i] below is input[i] - shift, rounded to a float; with a shift of 0 it takes no time.

#pragma once

#include <stddef.h>

#include "src/xnnx/exp.h"

#ifdef __cplusplus
extern "C" {
#endif

// *max = the largest element; unspecified where there is a NaN.
#define XNNX_F32_PARAMETERS_rmax (size_t batch_bytes, const float* input, float* max)

// *sum = sum of exp(x[i]) / 2^xnnx_exponent(max), where `max` is the largest x of the row, at most
// XNNX_EXP_LARGEST_DIRECT_ARGUMENT in magnitude, and `largest` that of this call's part of it. (It is the sum of
// exp(x - max) up to a factor within [sqrt 2, sqrt 8] that all elements share.) A sum below 2^-100, nothing beside the
// row's, is added without compensation.
#define XNNX_F32_PARAMETERS_raddexpminusmax \
  (size_t batch_bytes, const float* input, double* sum, float max, float largest, float shift)

// The same, and output[i] = exp(x[i]) / 2^xnnx_exponent(max); below 2 FLT_MIN it may be off by FLT_MIN.
#define XNNX_F32_PARAMETERS_raddstoreexpminusmax \
  (size_t batch_bytes, const float* input, float* output, double* sum, float max, float largest, float shift)

// output[i] = exp(x[i]) / 2^xnnx_exponent(max) * scale, for a positive scale; at most 1, lest the rounding of a
// probability end above.
#define XNNX_F32_PARAMETERS_vscaleexpminusmax \
  (size_t batch_bytes, const float* input, float* output, double scale, float max, float shift)

// output[i] = input[i] * multiplier, rounded once, but for half of the smallest float near FLT_MIN; an infinite input
// gives infinity or NaN.
#define XNNX_F32_PARAMETERS_vmulc (size_t batch_bytes, const float* input, float* output, double multiplier)

// *sum = sum of exp(x[i]), where the largest x is at most XNNX_EXP_LARGEST_DIRECT_ARGUMENT in magnitude.
// Otherwise the exponent is at least that argument's, in magnitude, or the mantissa is not finite.
#define XNNX_F32_PARAMETERS_raddextexp (size_t batch_bytes, const float* input, struct xnnx_pair* sum, float shift)

// output[i] = exp(x[i]) / 2^exponent * scale, at most 1, for an integer exponent at most 4 below that of the
// largest exp(x[i]), and a positive scale.
#define XNNX_F32_PARAMETERS_vscaleextexp \
  (size_t batch_bytes, const float* input, float* output, double scale, float exponent, float shift)

// The same as vmulc and vscaleextexp with non-temporal stores, in order before all stores that follow the call.
#define XNNX_F32_PARAMETERS_vmulcstream XNNX_F32_PARAMETERS_vmulc
#define XNNX_F32_PARAMETERS_vscaleextexpstream XNNX_F32_PARAMETERS_vscaleextexp

// The same as raddstoreexpminusmax for an estimate of the maximum, of at most XNNX_EXP_LARGEST_UNSHIFTED_ARGUMENT in
// magnitude and not above the largest x (if it is, small sums are less exact). Stops before the first x that is
// larger than xnnx_largest_stored(xnnx_exponent(estimate)), or up to a tile before it; *stored_bytes tells where.
// With a NaN it may stop anywhere, but the sum is NaN if the NaN is among what is stored.
// Meanwhile as many elements of next_input are fetched into a cache, without looking at them; `input` itself: none.
#define XNNX_F32_PARAMETERS_raddstoreexpminusestimate \
  (size_t batch_bytes, const float* input, float* output, double* sum, float estimate, float shift, \
   size_t* stored_bytes, const float* next_input)

// The same, and beside it vmulcstream(stream_input, stream_output, multiplier) of as many elements, apart from input
// and output, to the end in any case; but these stores are in order only before those that follow a later call of
// vmulcstream.
#define XNNX_F32_PARAMETERS_raddstoreexpminusestimatestream \
  (size_t batch_bytes, const float* input, float* output, double* sum, float estimate, float shift, \
   size_t* stored_bytes, const float* next_input, const float* stream_input, float* stream_output, double multiplier)

// The softmax of rows of at most `tile` channels, with strides in elements, of any floats: a row with a NaN or
// +infinity is NaN throughout; one of nothing but -infinity is 0 times scale_of_fully_masked, which is 0 or NaN. A
// row's bits do not depend on those beside it. (Not batch_bytes: rows, channels, strides count elements.)
#define XNNX_F32_PARAMETERS_softmaxrows \
  (size_t rows, size_t channels, const float* input, size_t input_stride, float* output, size_t output_stride, \
   double scale_of_fully_masked)

#define XNNX_F32_FAMILIES(X) \
  X(rmax) X(raddexpminusmax) X(vscaleexpminusmax) X(raddstoreexpminusmax) X(vmulc) X(raddextexp) \
  X(vscaleextexp) X(vmulcstream) X(vscaleextexpstream) X(raddstoreexpminusestimate) \
  X(raddstoreexpminusestimatestream) X(softmaxrows)

#define XNNX_FAMILY(family) typedef void(*xnnx_f32_##family##_fn) XNNX_F32_PARAMETERS_##family;
XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY

#ifdef __cplusplus
}  // extern "C"
#endif
