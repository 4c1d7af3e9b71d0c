// Operators in many threads at once. What is wrong here shows above all under ThreadSanitizer.

#include <cstdlib>
#include <cstring>
#include <string>

#include "src/operators/softmax-row.h"
#include "test/operator-fixture.h"
#include "test/threads.h"

namespace {

constexpr size_t kThreads = 4;
constexpr size_t kBlock = XNNX_BLOCK_ELEMENTS;

bool gives(
    const OperatorPointer& op, const Shape& shape, const Floats& input, const Floats& expected, pthreadpool_t pool) {
  Floats output(input.size(), -1.0f);
  run_softmax(op, shape, input.data(), output.data(), pool);
  return memcmp(output.data(), expected.data(), expected.size() * sizeof(float)) == 0;
}

Floats rows_of(const OperatorPointer& op, const Shape& shape, const Floats& input) {
  Floats output(input.size(), -1.0f);
  run_softmax(op, shape, input.data(), output.data());
  for (size_t row = 0; row < shape.batch_size; row++) {
    expect_softmax(&output[row * shape.channels], &input[row * shape.channels], shape.channels);
  }
  return output;
}

class OperatorConcurrencyTest : public OperatorTest {};

TEST_P(OperatorConcurrencyTest, OwnOperatorsAndPoolsOnOneInput) {
  for (const Shape& shape : {dense_shape(4000, 10), dense_shape(3, 4 * kBlock + 1)}) {
    const Floats input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
    const Floats expected = rows_of(create(), shape, input);
    in_threads(kThreads, [&](size_t thread) {
      const Threadpool pool(thread == 0 ? nullptr : pthreadpool_create(thread));
      const OperatorPointer op = create();
      for (int run = 0; run < 5; run++) {
        ASSERT_TRUE(gives(op, shape, input, expected, pool.get())) << "thread " << thread;
      }
      expect_variant_ran(op);
    });
  }
}

TEST_P(OperatorConcurrencyTest, OneRunsWhileOthersComeAndGo) {
  const Shape shape = dense_shape(100, 77);
  const Floats input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
  const Floats expected = rows_of(create(), shape, input);
  std::atomic<size_t> restless_threads{kThreads - 1};
  in_threads(kThreads, [&](size_t thread) {
    if (thread == 0) {
      const OperatorPointer op = create();
      Floats output(input.size(), -1.0f);
      run_softmax(op, shape, input.data(), output.data());
      ASSERT_EQ(output, expected);
      do {
        output.assign(output.size(), -1.0f);
        ASSERT_EQ(xnnx_run_operator(op.get(), nullptr), xnn_status_success);
        ASSERT_EQ(output, expected);
      } while (restless_threads != 0);
    } else {
      for (size_t channels = 1; channels < 2 * kBlock; channels = 2 * channels + thread) {
        for (int i = 0; i < 10; i++) {
          check_row(random_floats(channels, -10.0f, 10.0f, static_cast<uint32_t>(channels)));
        }
      }
      restless_threads--;
    }
  });
}

INSTANTIATE_TEST_SUITE_P(
    All, OperatorConcurrencyTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

// The first use of the library in a process, by all threads at once, must be its own process's.
TEST(OperatorConcurrencyDeathTest, FirstUse) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto use_first = [](const char* max_isa) {
    if (max_isa != nullptr) {
      setenv("XNNX_MAX_ISA", max_isa, /*overwrite=*/1);
    }
    const Floats input = random_floats(1000, -10.0f, 10.0f);
    std::string descriptions[kThreads];
    in_threads(kThreads, [&](size_t thread) {
      const OperatorPointer op = create_operator(0);
      const Floats output = softmax_of(op, input);
      expect_softmax(output.data(), input.data(), input.size());
      descriptions[thread] = xnnx_describe_last_run();
    });
    for (const std::string& description : descriptions) {
      EXPECT_EQ(description, descriptions[0]);
    }
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(use_first(nullptr), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(use_first("scalar"), testing::ExitedWithCode(0), "");
}

// Each text is read after all threads have asked for theirs.
TEST(OperatorConcurrency, TextsBelongToTheirThread) {
  MeetingPoint all_have_asked(kThreads);
  in_threads(kThreads, [&](size_t thread) {
    const size_t channels = thread + 1;
    const std::string shape = "softmax 1 x " + std::to_string(channels) + ": ";
    const OperatorPointer op = create_operator(0);
    softmax_of(op, Floats(channels, 1.0f));
    all_have_asked.wait();
    const char* last_run = xnnx_describe_last_run();
    all_have_asked.wait();
    EXPECT_EQ(std::string(last_run).rfind(shape, 0), 0u) << last_run;
    all_have_asked.wait();
    const char* description = xnnx_describe_operator(op.get());
    all_have_asked.wait();
    EXPECT_EQ(std::string(description).rfind(shape, 0), 0u) << description;

    EXPECT_EQ(xnnx_reshape_softmax_nc_f32(op.get(), channels, 0, channels, 1, nullptr), xnn_status_invalid_parameter);
    all_have_asked.wait();
    const std::string error = "is less than channels " + std::to_string(channels);
    EXPECT_NE(std::string(xnnx_last_error()).find(error), std::string::npos) << xnnx_last_error();
  });
}

}  // namespace
