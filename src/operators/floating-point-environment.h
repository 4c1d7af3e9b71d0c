// The floating-point environment of a thread: rounding, flushing of denormals, traps and flags. Whatever the caller's
// is, results are computed in the same one: to nearest, nothing flushed, nothing trapped. Afterwards the caller's is
// back, its flags included.

#pragma once

#if defined(__x86_64__) || defined(__SSE2__)

#include <xmmintrin.h>

typedef unsigned int xnnx_floating_point_environment;

// Rounding to nearest, every exception masked, nothing flushed, no flags. On an AMD EPYC (Zen 4) reading the register waits for
// all arithmetic before, 4 ns, and writing it takes 1: so it is read once. On an Intel Xeon (Emerald Rapids) writing takes as
// long, and reading less: so there it is written where it has changed, which it rarely has.
#define XNNX_MXCSR_DEFAULT 0x1F80u
#define XNNX_MXCSR_FLAGS 0x003Fu

// Not _mm_getcsr: to GCC two of them, with whatever arithmetic between, are one.
static inline unsigned int xnnx_get_mxcsr(void)
{
  unsigned int mxcsr;
  __asm__ volatile("stmxcsr %0" : "=m"(mxcsr) : : "memory");
  return mxcsr;
}

static inline xnnx_floating_point_environment xnnx_enter_floating_point(void)
{
  const unsigned int callers = xnnx_get_mxcsr();
  if (__builtin_expect((callers & ~XNNX_MXCSR_FLAGS) != XNNX_MXCSR_DEFAULT, 0)) {
    _mm_setcsr(XNNX_MXCSR_DEFAULT | (callers & XNNX_MXCSR_FLAGS));
  }
  return callers;
}

static inline void xnnx_leave_floating_point(xnnx_floating_point_environment callers)
{
#if defined(__x86_64__)
  if (__builtin_cpu_is("intel") && xnnx_get_mxcsr() == callers) {
    return;
  }
#endif
  _mm_setcsr(callers);
}

#elif defined(__aarch64__)

#include <stdint.h>

typedef struct {
  uint64_t control;
  uint64_t flags;
} xnnx_floating_point_environment;

// Rounding, flushing, traps and alternative modes are all off where their bits are 0.
static inline xnnx_floating_point_environment xnnx_enter_floating_point(void)
{
  xnnx_floating_point_environment callers;
  __asm__ volatile("mrs %0, fpcr" : "=r"(callers.control));
  __asm__ volatile("mrs %0, fpsr" : "=r"(callers.flags));
  if (__builtin_expect(callers.control != 0, 0)) {
    __asm__ volatile("msr fpcr, %0" : : "r"(UINT64_C(0)) : "memory");
  }
  return callers;
}

static inline void xnnx_leave_floating_point(xnnx_floating_point_environment callers)
{
  uint64_t flags;
  __asm__ volatile("mrs %0, fpsr" : "=r"(flags) : : "memory");
  if (__builtin_expect(flags != callers.flags, 0)) {
    __asm__ volatile("msr fpsr, %0" : : "r"(callers.flags));
  }
  if (__builtin_expect(callers.control != 0, 0)) {
    __asm__ volatile("msr fpcr, %0" : : "r"(callers.control));
  }
}

#else

#include <fenv.h>

typedef fenv_t xnnx_floating_point_environment;

static inline xnnx_floating_point_environment xnnx_enter_floating_point(void)
{
  fenv_t callers;
  feholdexcept(&callers);
  fesetround(FE_TONEAREST);
  return callers;
}

static inline void xnnx_leave_floating_point(xnnx_floating_point_environment callers)
{
  fesetenv(&callers);
}

#endif
