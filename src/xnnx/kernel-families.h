// The families of kernels: what each computes, and its parameters. Kernels include this and not the tables, so that a new
// row in these compiles no other kernel again.
//
// `count` elements are read, at least one, and written where there is an output, which may equal the input. Pointers need
// the alignment of float only. No byte outside is touched. Kernels have no state: any number of threads may call them.
// docs/arithmetic.md says which bits they give: the same for each kernel of a family.

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "src/xnnx/exp.h"

#ifdef __cplusplus
extern "C" {
#endif

// Blocks of exponentials that become results and go past the caches while others are computed, as many elements in all.
struct xnnx_streamed_blocks {
  const float* input;
  float* output;          // apart from all else
  const double* factors;  // one a block; as f32-vmulc's
};

// *max = the largest element; any float where there is a NaN.
#define XNNX_F32_PARAMETERS_rmax (size_t count, const float* input, float* max)

// *sum = the sum of exp(x[i]), of at most a block, as a pair whose exponent and shift are those of `max`, the largest x.
// Its mantissa is NaN where there is a NaN or +infinity.
#define XNNX_F32_PARAMETERS_raddexpminusmax (size_t count, const float* input, float max, struct xnnx_pair* sum)

// sums[b] = the same for each block of XNNX_BLOCK_ELEMENTS elements, the last one of which may be shorter. Finds their
// maxima itself.
#define XNNX_F32_PARAMETERS_raddextexp (size_t count, const float* input, struct xnnx_pair* sums)

// The same, and output[i] = exp(x[i]) relative to the pair's exponent and shift: what adds up to its mantissa. *max is the
// maximum of the first block, and afterwards that of the `next_count` elements of next_input, which are to follow.
// Where `streamed` is not NULL, its blocks leave meanwhile, in order before all stores that follow a later vmulc that
// streams. `is_far`: the input comes from memory rather than from a cache, which is taken for granted where blocks are
// streamed. It changes no result: elements that are computed soon are fetched, and so is where their results go.
#define XNNX_F32_PARAMETERS_raddstoreexpminusmax \
  (size_t count, const float* input, float* output, float* max, struct xnnx_pair* sums, size_t next_count, \
   const float* next_input, bool is_far, const struct xnnx_streamed_blocks* streamed)

// output[i] = exp(x[i]) relative to an exponent and a shift, times `scale`, which is as f32-vmulc's factor; past the caches and
// in order before all stores that follow the call where `stream` is true.
#define XNNX_F32_PARAMETERS_vscaleextexp \
  (size_t count, const float* input, float* output, float exponent, float shift, double scale, bool stream)

// The same, relative to the exponent and shift of `max`. With a NaN or +infinity that is 0's, and the results of larger x may
// be anything: the row is NaN.
#define XNNX_F32_PARAMETERS_vscaleexpminusmax \
  (size_t count, const float* input, float* output, float max, double scale, bool stream)

// output[i] = input[i] * factor, in the same order, without a loss of bits for small factors; 0 and NaN for a factor of 0 and
// NaN, whatever the input. The input is not negative.
#define XNNX_F32_PARAMETERS_vmulc (size_t count, const float* input, float* output, double factor, bool stream)

// The softmax of rows of at most XNNX_CACHED_ROW_CHANNELS channels, with strides in elements, of any floats: a row with a NaN
// or +infinity is NaN throughout; one of nothing but -infinity is scale_of_fully_masked, which is 0 or NaN. `is_far` is as
// above.
#define XNNX_F32_PARAMETERS_softmaxrows \
  (size_t rows, size_t channels, const float* input, size_t input_stride, float* output, size_t output_stride, \
   double scale_of_fully_masked, bool is_far)

#define XNNX_F32_FAMILIES(X) \
  X(rmax) X(raddexpminusmax) X(vscaleexpminusmax) X(raddstoreexpminusmax) X(vmulc) X(raddextexp) X(vscaleextexp) \
  X(softmaxrows)

#define XNNX_FAMILY(family) typedef void(*xnnx_f32_##family##_fn) XNNX_F32_PARAMETERS_##family;
XNNX_F32_FAMILIES(XNNX_FAMILY)
#undef XNNX_FAMILY

#ifdef __cplusplus
}  // extern "C"
#endif
