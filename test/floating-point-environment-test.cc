// Whatever the floating-point environment of the caller and of the pool's threads, the operator computes the same bits,
// traps nothing, and leaves every thread's environment as it was, flags included.

#include <xmmintrin.h>

#include <atomic>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <vector>

#include "test/operator-fixture.h"

namespace {

// Of MXCSR: masks of all exceptions, rounding modes, flushing, flags.
constexpr unsigned kNoTraps = 0x1F80;
constexpr unsigned kUpward = 0x4000;
constexpr unsigned kDownward = 0x2000;
constexpr unsigned kTowardZero = kUpward | kDownward;
constexpr unsigned kFlushToZero = 0x8000;
constexpr unsigned kDenormalsAreZero = 0x0040;
constexpr unsigned kDivisionByZeroFlag = 0x0004;
constexpr unsigned kAllFlags = 0x003F;

constexpr unsigned kEnvironments[] = {
    kNoTraps,
    kNoTraps | kUpward,
    kNoTraps | kDownward,
    kNoTraps | kTowardZero,
    kNoTraps | kFlushToZero | kDenormalsAreZero,
    kNoTraps | kFlushToZero,
    kNoTraps | kDivisionByZeroFlag,
    kNoTraps | kAllFlags,
    kUpward | kFlushToZero,  // and traps everything, even what is inexact
    0,
};

unsigned get_mxcsr() {
  unsigned mxcsr;
  __asm__ volatile("stmxcsr %0" : "=m"(mxcsr) : : "memory");
  return mxcsr;
}

void set_mxcsr(unsigned mxcsr) { __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr) : "memory"); }

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
  const std::vector<float> values = {-88.0f, -FLT_MAX, -INFINITY, 1e8f, 70000.0f, NAN, -100.0f, 1e-40f, INFINITY};
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
    for (const unsigned environment : kEnvironments) {
      for (const unsigned environment_of_caller : {environment, kNoTraps | kDownward}) {
        std::fill(output.begin(), output.end(), -1.0f);
        std::vector<unsigned> after(pthreadpool_get_threads_count(pool));
        on_every_thread(pool, [&](size_t) { set_mxcsr(environment); });
        set_mxcsr(environment_of_caller);
        const xnn_status status = xnnx_run_operator(op.get(), pool);
        const unsigned after_of_caller = get_mxcsr();
        set_mxcsr(environment);
        on_every_thread(pool, [&](size_t i) {
          after[i] = get_mxcsr();
          set_mxcsr(kNoTraps);
        });
        set_mxcsr(kNoTraps);
        ASSERT_EQ(status, xnn_status_success);
        ASSERT_EQ(after_of_caller, environment_of_caller);
        ASSERT_EQ(after, std::vector<unsigned>(after.size(), environment));
        ASSERT_EQ(memcmp(output.data(), expected.data(), output.size() * sizeof(float)), 0)
            << "other bits with MXCSR " << std::hex << environment << ", the caller's " << environment_of_caller;
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

// What is chosen by size is chosen without arithmetic that could trap, or round otherwise.
TEST_P(FloatingPointEnvironmentTest, MeansNothingToReshape) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{10}, size_t{1000}, size_t{100003}, size_t{1} << 30}) {
    ASSERT_EQ(xnnx_reshape_softmax_nc_f32(op.get(), channels, channels, channels, 3, nullptr), xnn_status_success);
    const std::string expected = xnnx_describe_operator(op.get());
    for (const unsigned environment : kEnvironments) {
      set_mxcsr(environment);
      const xnn_status status = xnnx_reshape_softmax_nc_f32(op.get(), channels, channels, channels, 3, nullptr);
      set_mxcsr(kNoTraps);
      ASSERT_EQ(status, xnn_status_success);
      ASSERT_EQ(xnnx_describe_operator(op.get()), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, FloatingPointEnvironmentTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

}  // namespace
