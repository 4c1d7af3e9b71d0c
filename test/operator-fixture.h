// What the tests of the operator share: every instruction set with every algorithm, and comparison with the reference.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <xnnpack-softmax.h>

#include "test/accuracy/algorithm.h"
#include "test/accuracy/contract.h"
#include "test/max-isa.h"
#include "test/threadpool.h"

using Floats = std::vector<float>;
using xnnx_accuracy::Algorithm;
using xnnx_accuracy::expect_softmax;
using xnnx_accuracy::kAlgorithms;

struct DeleteOperator {
  void operator()(xnnx_operator_t op) const { xnnx_delete_operator(op); }
};
using OperatorPointer = std::unique_ptr<struct xnnx_operator, DeleteOperator>;

// A pool that lives as long as the program; NULL for 0 threads.
pthreadpool_t shared_pool(size_t thread_count);

OperatorPointer create_operator(uint32_t flags);

struct Shape {
  size_t batch_size;
  size_t channels;
  size_t input_stride;
  size_t output_stride;
};

Shape dense_shape(size_t batch_size, size_t channels);

// Reshape, setup and run, all of which must succeed.
void run_softmax(
    const OperatorPointer& op, const Shape& shape, const float* input, float* output, pthreadpool_t pool = nullptr);

// The row that the operator computes from `input`.
Floats softmax_of(const OperatorPointer& op, const Floats& input);

// Uniform in [lowest, highest), the same in every run.
Floats random_floats(size_t count, float lowest, float highest, uint32_t seed = 1);

// An instruction set as the best one allowed, and an algorithm.
struct OperatorVariant {
  const char* isa;
  Algorithm algorithm;
};

std::vector<OperatorVariant> all_operator_variants();
// Whether this processor has the instruction set, and XNNX_MAX_ISA allows it.
bool is_usable(const char* isa);
std::string operator_variant_name(const testing::TestParamInfo<OperatorVariant>& info);

// Sets XNNX_MAX_ISA, and skips the test where the processor lacks the instruction set.
class OperatorTest : public testing::TestWithParam<OperatorVariant> {
 protected:
  void SetUp() override;

  // Runs the variant's algorithm with further flags, and asserts that it is the one that runs.
  OperatorPointer create(uint32_t further_flags = 0) const;
  void expect_variant_ran(const OperatorPointer& op) const;

  // The softmax of a row by the variant is right, and the same bits in place.
  void check_row(const Floats& input, uint32_t further_flags = 0) const;

 private:
  MaxIsa max_isa_{GetParam().isa};
};
