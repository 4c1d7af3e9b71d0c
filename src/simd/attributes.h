// How the functions of src/simd and what is built of them are compiled.

#pragma once

#include <stdbool.h>
#include <stdint.h>

// The bits of a double that a float has as well.
#define XNNX_LEADING_BITS UINT64_C(0xFFFFFFFFE0000000)

#define XNNX_NEVER_INLINE __attribute__((noinline, unused))

// For conditions inside loops: what only the rare case needs is kept out of registers then.
#define XNNX_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define XNNX_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// Vectors of plain C are loops: no function is inlined for each constant then, and nothing unrolled around them.
#ifdef XNNX_VECTORS_ARE_LOOPS
#define XNNX_SIMD static inline __attribute__((unused))
#define XNNX_UNROLL
#else
// Inlined always: a function whose parameter is a constant is a faster one for each constant.
#define XNNX_SIMD static inline __attribute__((always_inline))
// Before a loop of up to 16 rounds whose number is a constant: it becomes that many copies of its body.
#ifdef __clang__
#define XNNX_UNROLL _Pragma("clang loop unroll(full)")
#else
#define XNNX_UNROLL _Pragma("GCC unroll 16")
#endif
#endif
