// The life of an operator: used again with other shapes and pointers, and what it says about itself.

#include <cstdlib>
#include <cstring>
#include <thread>

#include "src/operators/softmax-row.h"
#include "src/xnnx/isa.h"
#include "test/operator-fixture.h"

namespace {

constexpr size_t kBlock = XNNX_BLOCK_ELEMENTS;

class OperatorLifecycleTest : public OperatorTest {};

TEST_P(OperatorLifecycleTest, OneOperatorForManyShapesAndPointers) {
  const OperatorPointer op = create();
  std::mt19937 engine(1);
  const size_t channel_counts[] = {1, 2, 17, 100, 1000, kBlock, kBlock + 1, 2 * kBlock + 100, 5 * kBlock};
  for (int round = 0; round < 200; round++) {
    const size_t channels = channel_counts[engine() % std::size(channel_counts)];
    const Shape shape = {engine() % 5, channels, channels + engine() % 3, channels + engine() % 3};
    const Floats input = random_floats(shape.batch_size * shape.input_stride + 1, -10.0f, 10.0f, round);
    Floats output(shape.batch_size * shape.output_stride + 1);
    run_softmax(op, shape, input.data(), output.data(), shared_pool(engine() % 3));
    for (size_t row = 0; row < shape.batch_size; row++) {
      ASSERT_NO_FATAL_FAILURE(
          expect_softmax(&output[row * shape.output_stride], &input[row * shape.input_stride], channels))
          << "round " << round;
    }
    expect_variant_ran(op);
  }
}

TEST_P(OperatorLifecycleTest, SetupAndRunAgainWithoutReshape) {
  const OperatorPointer op = create();
  const size_t channels = 2 * kBlock + 1;
  const Floats first_input = random_floats(channels, -10.0f, 10.0f, 1);
  Floats first = softmax_of(op, first_input);
  const Floats second_input = random_floats(channels, -10.0f, 10.0f, 2);
  Floats second(channels);
  ASSERT_EQ(xnnx_setup_softmax_nc_f32(op.get(), second_input.data(), second.data()), xnn_status_success);
  for (int run = 0; run < 3; run++) {
    second.assign(channels, -1.0f);
    ASSERT_EQ(xnnx_run_operator(op.get(), nullptr), xnn_status_success);
    expect_softmax(second.data(), second_input.data(), channels);
  }
  expect_softmax(first.data(), first_input.data(), channels);
}

INSTANTIATE_TEST_SUITE_P(
    All, OperatorLifecycleTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

TEST(OperatorDescription, NamesShapeAlgorithmInstructionSetAndKernels) {
  setenv("XNNX_MAX_ISA", "scalar", 1);
  const OperatorPointer op = create_operator(XNNX_FLAG_TWO_PASS);
  unsetenv("XNNX_MAX_ISA");
  EXPECT_STREQ(xnnx_describe_operator(nullptr), "no operator");
  EXPECT_STREQ(xnnx_describe_operator(op.get()), "softmax without a shape");
  const float input[6] = {};
  float output[6];
  run_softmax(op, dense_shape(2, 3), input, output);
  const std::string description = xnnx_describe_operator(op.get());
  const std::string expected_start =
      "softmax 2 x 3: two_pass on scalar: xnnx_f32_raddextexp_ukernel__scalar_";
  EXPECT_EQ(description.rfind(expected_start, 0), 0u) << description;
  EXPECT_NE(description.find(", xnnx_f32_vscaleextexp_ukernel__scalar_"), std::string::npos) << description;
  EXPECT_EQ(description, xnnx_describe_last_run());
  std::thread([] { EXPECT_STREQ(xnnx_describe_last_run(), "no softmax has run on this thread"); }).join();
}

// Without XNNX_MAX_ISA it is the best one that the processor has.
TEST(OperatorDescription, BestInstructionSetByDefault) {
  unsetenv("XNNX_MAX_ISA");
  uint32_t usable_isas;
  ASSERT_EQ(xnnx_find_usable_isas("test", &usable_isas), xnn_status_success);
  const char* best = xnnx_isa_name(static_cast<enum xnnx_isa>(__builtin_ctz(usable_isas)));
  const OperatorPointer op = create_operator(0);
  softmax_of(op, {1.0f, 2.0f});
  EXPECT_NE(std::string(xnnx_describe_operator(op.get())).find(std::string(" on ") + best + ": "), std::string::npos);
}

}  // namespace
