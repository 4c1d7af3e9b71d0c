// Whatever the floating-point environment of the caller and of the pool's threads, the operator computes the same bits,
// traps nothing, and leaves every thread's environment as it was, flags included.

#include <atomic>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "test/operator-fixture.h"

namespace {

#if defined(__x86_64__)

// MXCSR: masks of all exceptions, rounding modes, flushing, flags.
using Environment = uint32_t;
constexpr Environment kAllTraps = 0;
constexpr Environment kNoTraps = 0x1F80;
constexpr Environment kUpward = 0x4000;
constexpr Environment kDownward = 0x2000;
constexpr Environment kFlushToZero = 0x8000;
constexpr Environment kOtherMode = 0x0040;  // denormals are zero
constexpr Environment kDivisionByZeroFlag = 0x0004;
constexpr Environment kAllFlags = 0x003F;

Environment get_environment() {
  Environment mxcsr;
  __asm__ volatile("stmxcsr %0" : "=m"(mxcsr) : : "memory");
  return mxcsr;
}

void set_environment(Environment mxcsr) { __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr) : "memory"); }

#elif defined(__aarch64__)

// FPCR, and the flags of FPSR, which are other bits. Few processors have traps.
using Environment = uint64_t;
constexpr Environment kAllTraps = 0;
constexpr Environment kNoTraps = 0;
constexpr Environment kUpward = 1 << 22;
constexpr Environment kDownward = 2 << 22;
constexpr Environment kFlushToZero = 1 << 24;
constexpr Environment kOtherMode = 1 << 25;  // every NaN is the default one
constexpr Environment kDivisionByZeroFlag = 0x02;
constexpr Environment kAllFlags = 0x9F;

Environment get_environment() {
  Environment control;
  Environment flags;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control) : : "memory");
  __asm__ volatile("mrs %0, fpsr" : "=r"(flags) : : "memory");
  return control | flags;
}

void set_environment(Environment environment) {
  __asm__ volatile("msr fpcr, %0" : : "r"(environment & ~kAllFlags) : "memory");
  __asm__ volatile("msr fpsr, %0" : : "r"(environment & kAllFlags) : "memory");
}

#endif

constexpr Environment kTowardZero = kUpward | kDownward;

constexpr Environment kEnvironments[] = {
    kNoTraps,
    kNoTraps | kUpward,
    kNoTraps | kDownward,
    kNoTraps | kTowardZero,
    kNoTraps | kFlushToZero | kOtherMode,
    kNoTraps | kFlushToZero,
    kNoTraps | kDivisionByZeroFlag,
    kNoTraps | kAllFlags,
    kAllTraps | kUpward | kFlushToZero,
    kAllTraps,
};

// Every thread of a pool once, the caller among them.
template <typename Function>
void on_every_thread(pthreadpool_t pool, const Function& function) {
  struct Context {
    const Function& function;
    const size_t thread_count;
    std::atomic<size_t> arrived{0};
  } context{function, pthreadpool_get_threads_count(pool)};
  pthreadpool_parallelize_1d(
      pool,
      [](void* argument, size_t i) {
        auto* context = static_cast<Context*>(argument);
        context->arrived++;
        while (context->arrived < context->thread_count) {
        }
        context->function(i);
      },
      &context, context.thread_count, /*flags=*/0);
}

// Ordinary rows, and all that raises flags, or is lost by flushing or by another rounding.
Floats rows_of_all_kinds(const Shape& shape) {
  Floats input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
  const float signaling_nan = std::numeric_limits<float>::signaling_NaN();
  const std::vector<float> values = {-88.0f,   -FLT_MAX, -INFINITY, 1e8f,     70000.0f,
                                     NAN,      -100.0f,  1e-40f,    INFINITY, signaling_nan};
  for (size_t row = 0; row < shape.batch_size; row++) {
    float* elements = &input[row * shape.channels];
    if (row % 4 == 1) {
      elements[shape.channels / 2] = values[row / 4 % values.size()];
    } else if (row % 4 == 2) {
      std::fill_n(elements, shape.channels, values[row / 4 % values.size()]);
    } else if (row % 4 == 3) {
      for (size_t i = 0; i < shape.channels; i++) {
        elements[i] *= 12.0f;
      }
    }
  }
  return input;
}

class FloatingPointEnvironmentTest : public OperatorTest {
 protected:
  void check(const Shape& shape, pthreadpool_t pool) const {
    const Floats input = rows_of_all_kinds(shape);
    Floats expected(input.size());
    Floats output(input.size());
    const OperatorPointer op = create();
    run_softmax(op, shape, input.data(), expected.data(), pool);
    run_softmax(op, shape, input.data(), output.data(), pool);
    for (const Environment environment : kEnvironments) {
      for (const Environment environment_of_caller : {environment, kNoTraps | kDownward}) {
        std::fill(output.begin(), output.end(), -1.0f);
        std::vector<Environment> after(pthreadpool_get_threads_count(pool));
        on_every_thread(pool, [&](size_t) { set_environment(environment); });
        set_environment(environment_of_caller);
        const xnn_status status = xnnx_run_operator(op.get(), pool);
        const Environment after_of_caller = get_environment();
        set_environment(environment);
        on_every_thread(pool, [&](size_t i) {
          after[i] = get_environment();
          set_environment(kNoTraps);
        });
        set_environment(kNoTraps);
        ASSERT_EQ(status, xnn_status_success);
        ASSERT_EQ(after_of_caller, environment_of_caller);
        ASSERT_EQ(after, std::vector<Environment>(after.size(), environment));
        ASSERT_EQ(memcmp(output.data(), expected.data(), output.size() * sizeof(float)), 0)
            << "other bits in environment " << std::hex << environment << ", the caller's " << environment_of_caller;
      }
    }
  }
};

TEST_P(FloatingPointEnvironmentTest, IsOursWithinAndTheirsAfter) {
  for (const Shape& shape :
       {dense_shape(40, 1), dense_shape(77, 10), dense_shape(40, 16), dense_shape(40, 100), dense_shape(40, 300),
        dense_shape(40, 1000), dense_shape(9, 8193)}) {
    ASSERT_NO_FATAL_FAILURE(check(shape, nullptr)) << shape.batch_size << " x " << shape.channels;
  }
  // Tasks of several rows, and blocks of one row.
  for (const Shape& shape : {dense_shape(7000, 10), dense_shape(60, 1000), dense_shape(2, 20000), dense_shape(1, 40000)}) {
    ASSERT_NO_FATAL_FAILURE(check(shape, shared_pool(2))) << shape.batch_size << " x " << shape.channels << ", 2 threads";
  }
}

// A row alone, of every kind: the next one might raise the flag that this one lost.
TEST_P(FloatingPointEnvironmentTest, OfOneRowIsTheCallersAfter) {
  constexpr size_t kKinds = 40;  // all that rows_of_all_kinds has
  for (const size_t channels : {1, 7, 16, 17, 64, 100, 256, 257, 300, 512, 2000, 2048, 2049}) {
    const Floats rows = rows_of_all_kinds(dense_shape(kKinds, channels));
    for (size_t kind = 0; kind < kKinds; kind++) {
      Floats output(channels);
      const OperatorPointer op = create();
      run_softmax(op, dense_shape(1, channels), &rows[kind * channels], output.data());
      for (const Environment environment : kEnvironments) {
        set_environment(environment);
        const xnn_status status = xnnx_run_operator(op.get(), nullptr);
        const Environment after = get_environment();
        set_environment(kNoTraps);
        ASSERT_EQ(status, xnn_status_success);
        ASSERT_EQ(after, environment) << "row " << kind << " of " << channels << " channels";
      }
    }
  }
}

// What is chosen by size is chosen without arithmetic that could trap, or round otherwise.
TEST_P(FloatingPointEnvironmentTest, MeansNothingToReshape) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{10}, size_t{1000}, size_t{100003}, size_t{1} << 30}) {
    ASSERT_EQ(xnnx_reshape_softmax_nc_f32(op.get(), channels, channels, channels, 3, nullptr), xnn_status_success);
    const std::string expected = xnnx_describe_operator(op.get());
    for (const Environment environment : kEnvironments) {
      set_environment(environment);
      const xnn_status status = xnnx_reshape_softmax_nc_f32(op.get(), channels, channels, channels, 3, nullptr);
      set_environment(kNoTraps);
      ASSERT_EQ(status, xnn_status_success);
      ASSERT_EQ(xnnx_describe_operator(op.get()), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, FloatingPointEnvironmentTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

}  // namespace
