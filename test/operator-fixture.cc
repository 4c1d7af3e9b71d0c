#include "test/operator-fixture.h"

#include <cstring>
#include <map>

#include "src/xnnx/isa.h"

pthreadpool_t shared_pool(size_t thread_count) {
  static std::map<size_t, Threadpool> pools;
  const auto [pool, is_new] = pools.try_emplace(thread_count);
  if (is_new && thread_count != 0) {
    pool->second.reset(pthreadpool_create(thread_count));
  }
  return pool->second.get();
}

OperatorPointer create_operator(uint32_t flags) {
  xnnx_operator_t op = nullptr;
  EXPECT_EQ(xnnx_create_softmax_nc_f32(flags, &op), xnn_status_success) << xnnx_last_error();
  return OperatorPointer(op);
}

Shape dense_shape(size_t batch_size, size_t channels) {
  return {batch_size, channels, channels, channels};
}

void run_softmax(
    const OperatorPointer& op, const Shape& shape, const float* input, float* output, pthreadpool_t pool) {
  ASSERT_EQ(
      xnnx_reshape_softmax_nc_f32(
          op.get(), shape.channels, shape.input_stride, shape.output_stride, shape.batch_size, pool),
      xnn_status_success)
      << xnnx_last_error();
  ASSERT_EQ(xnnx_setup_softmax_nc_f32(op.get(), input, output), xnn_status_success) << xnnx_last_error();
  ASSERT_EQ(xnnx_run_operator(op.get(), pool), xnn_status_success) << xnnx_last_error();
}

Floats softmax_of(const OperatorPointer& op, const Floats& input) {
  Floats output(input.size(), -1.0f);
  run_softmax(op, dense_shape(1, input.size()), input.data(), output.data());
  return output;
}

Floats random_floats(size_t count, float lowest, float highest, uint32_t seed) {
  std::mt19937 engine(seed);
  Floats floats(count);
  for (float& element : floats) {
    element = std::uniform_real_distribution<float>(lowest, highest)(engine);
  }
  return floats;
}

std::vector<OperatorVariant> all_operator_variants() {
  std::vector<OperatorVariant> variants;
  for (int isa = 0; isa < xnnx_isa_count; isa++) {
    const char* name = xnnx_isa_name(static_cast<enum xnnx_isa>(isa));
    for (const Algorithm& algorithm : kAlgorithms) {
      variants.push_back({name, algorithm});
    }
  }
  return variants;
}

bool is_usable(const char* isa) {
  uint32_t usable_isas = 0;
  EXPECT_EQ(xnnx_find_usable_isas("is_usable", &usable_isas), xnn_status_success) << xnnx_last_error();
  int i = 0;
  while (xnnx_isa_name(static_cast<enum xnnx_isa>(i)) != std::string(isa)) {
    i++;
  }
  return (usable_isas >> i & 1) != 0;
}

std::string operator_variant_name(const testing::TestParamInfo<OperatorVariant>& info) {
  return std::string(info.param.isa) + "_" + info.param.algorithm.name;
}

void OperatorTest::SetUp() {
  if (!is_usable(GetParam().isa)) {
    GTEST_SKIP() << "this processor has no " << GetParam().isa;
  }
}

OperatorPointer OperatorTest::create(uint32_t further_flags) const {
  return create_operator(GetParam().algorithm.flags | further_flags);
}

void OperatorTest::expect_variant_ran(const OperatorPointer& op) const {
  const std::string description = xnnx_describe_operator(op.get());
  EXPECT_EQ(description, xnnx_describe_last_run());
  EXPECT_NE(description.find(std::string(" on ") + GetParam().isa + ": "), std::string::npos) << description;
  EXPECT_NE(description.find(std::string("_ukernel__") + GetParam().isa + "_"), std::string::npos) << description;
  if (GetParam().algorithm.flags != 0) {
    const std::string algorithm = std::string(": ") + GetParam().algorithm.name + " on ";
    EXPECT_NE(description.find(algorithm), std::string::npos) << description;
  }
}

void OperatorTest::check_row(const Floats& input, uint32_t further_flags) const {
  const OperatorPointer op = create(further_flags);
  const Floats output = softmax_of(op, input);
  const bool zero_if_fully_masked = (further_flags & XNNX_FLAG_ZERO_FULLY_MASKED_ROWS) != 0;
  expect_softmax(output.data(), input.data(), input.size(), zero_if_fully_masked);
  expect_variant_ran(op);
  Floats in_place = input;
  run_softmax(op, dense_shape(1, input.size()), in_place.data(), in_place.data());
  ASSERT_EQ(memcmp(in_place.data(), output.data(), input.size() * sizeof(float)), 0) << "in place it differs";
}
