// Every row of the table of errors: the status, what xnnx_last_error() says, and that the operator keeps its last good
// state.

#include <cstdlib>
#include <cstring>
#include <thread>

#include "src/xnnx/isa.h"
#include "src/xnnx/operator.h"
#include "src/xnnx/softmax-kernels.h"
#include "test/operator-fixture.h"

namespace {

constexpr char kCreate[] = "xnnx_create_softmax_nc_f32";
constexpr char kReshape[] = "xnnx_reshape_softmax_nc_f32";
constexpr char kSetup[] = "xnnx_setup_softmax_nc_f32";
constexpr char kRun[] = "xnnx_run_operator";

// The last error begins with the function and names the value.
void expect_error(const char* function, const std::string& value) {
  const std::string error = xnnx_last_error();
  EXPECT_EQ(error.rfind(std::string(function) + ": ", 0), 0u) << error;
  EXPECT_NE(error.find(value), std::string::npos) << error << " does not name " << value;
}

std::string pointer_text(const void* pointer) {
  char text[32];
  snprintf(text, sizeof(text), "%p", pointer);
  return text;
}

void expect_create_fails(uint32_t flags, const std::string& value) {
  xnnx_operator_t op = reinterpret_cast<xnnx_operator_t>(1);
  EXPECT_EQ(xnnx_create_softmax_nc_f32(flags, &op), xnn_status_invalid_parameter) << value;
  EXPECT_EQ(op, nullptr);
  expect_error(kCreate, value);
}

TEST(OperatorCreateErrors, NoPlaceForTheOperator) {
  EXPECT_EQ(xnnx_create_softmax_nc_f32(0, nullptr), xnn_status_invalid_parameter);
  expect_error(kCreate, "op_out");
}

TEST(OperatorCreateErrors, UnknownFlags) {
  const uint32_t known = XNNX_FLAG_BLOCKED | XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE |
                         XNNX_FLAG_THREE_PASS_RELOAD | XNNX_FLAG_ZERO_FULLY_MASKED_ROWS |
                         XNNX_FLAG_KEEP_OUTPUT_IN_CACHE;
  for (uint32_t bit = 1; bit != 0; bit <<= 1) {
    if ((bit & known) == 0) {
      char text[16];
      snprintf(text, sizeof(text), "0x%08x", bit);
      expect_create_fails(bit, text);
      expect_create_fails(bit | XNNX_FLAG_TWO_PASS, text);
    } else {
      create_operator(bit);
    }
  }
}

TEST(OperatorCreateErrors, MoreThanOneAlgorithm) {
  expect_create_fails(XNNX_FLAG_BLOCKED | XNNX_FLAG_TWO_PASS, "0x21000000");
  expect_create_fails(XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE, "0x03000000");
  expect_create_fails(XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RELOAD, "0x05000000");
  expect_create_fails(XNNX_FLAG_THREE_PASS_RECOMPUTE | XNNX_FLAG_THREE_PASS_RELOAD, "0x06000000");
  expect_create_fails(
      XNNX_FLAG_TWO_PASS | XNNX_FLAG_THREE_PASS_RECOMPUTE | XNNX_FLAG_THREE_PASS_RELOAD |
          XNNX_FLAG_ZERO_FULLY_MASKED_ROWS,
      "0x0f000000");
}

TEST(OperatorCreateErrors, UnknownMaxIsa) {
  for (const char* name : {"abacus", "AVX2", "avx512", "avx2 ", " "}) {
    setenv("XNNX_MAX_ISA", name, 1);
    expect_create_fails(0, std::string("XNNX_MAX_ISA=") + name);
  }
  setenv("XNNX_MAX_ISA", "", 1);  // as if it were not set
  create_operator(0);
  unsetenv("XNNX_MAX_ISA");
  create_operator(0);
}

TEST(OperatorCreateErrors, NoUsableKernel) {
  struct xnnx_softmax_kernels kernels;
  EXPECT_EQ(xnnx_select_softmax_kernels(kCreate, /*usable_isas=*/0, &kernels), xnn_status_unsupported_hardware);
  expect_error(kCreate, "rmax");
}

class OperatorErrors : public testing::Test {
 protected:
  static constexpr size_t kChannels = 3;

  xnn_status reshape(size_t channels, size_t input_stride, size_t output_stride, size_t batch_size) {
    return xnnx_reshape_softmax_nc_f32(op_.get(), channels, input_stride, output_stride, batch_size, nullptr);
  }

  void make_ready() { run_softmax(op_, {2, kChannels, kChannels, kChannels}, input_, output_); }

  // The operator still runs on what make_ready() gave it.
  void expect_last_good_state() {
    memset(output_, 0, sizeof(output_));
    ASSERT_EQ(xnnx_run_operator(op_.get(), nullptr), xnn_status_success) << xnnx_last_error();
    expect_softmax(output_, input_, kChannels);
    expect_softmax(output_ + kChannels, input_ + kChannels, kChannels);
  }

  OperatorPointer op_ = create_operator(0);
  float input_[2 * kChannels] = {1.0f, 2.0f, 3.0f, -4.0f, 5.0f, 6.0f};
  float output_[2 * kChannels];
};

TEST_F(OperatorErrors, NoOperator) {
  EXPECT_EQ(xnnx_reshape_softmax_nc_f32(nullptr, 1, 1, 1, 1, nullptr), xnn_status_invalid_parameter);
  expect_error(kReshape, "op is NULL");
  EXPECT_EQ(xnnx_setup_softmax_nc_f32(nullptr, input_, output_), xnn_status_invalid_parameter);
  expect_error(kSetup, "op is NULL");
  EXPECT_EQ(xnnx_run_operator(nullptr, nullptr), xnn_status_invalid_parameter);
  expect_error(kRun, "op is NULL");
  EXPECT_EQ(xnnx_delete_operator(nullptr), xnn_status_success);
}

TEST_F(OperatorErrors, OperatorOfAnotherType) {
  const struct xnnx_operator_type other_type = {"other", "other without a shape", nullptr, nullptr, nullptr};
  struct xnnx_operator other = {&other_type, xnnx_operator_created};
  EXPECT_EQ(xnnx_reshape_softmax_nc_f32(&other, 1, 1, 1, 1, nullptr), xnn_status_invalid_parameter);
  expect_error(kReshape, "other operator");
  EXPECT_EQ(xnnx_setup_softmax_nc_f32(&other, input_, output_), xnn_status_invalid_parameter);
  expect_error(kSetup, "other operator");
  EXPECT_EQ(xnnx_run_operator(&other, nullptr), xnn_status_invalid_state);
  expect_error(kRun, "the other operator was not set up");
  EXPECT_STREQ(xnnx_describe_operator(&other), "other without a shape");
}

TEST_F(OperatorErrors, ReshapeRefusesBadShapes) {
  constexpr size_t kHuge = size_t{1} << 60;
  const struct {
    size_t channels;
    size_t input_stride;
    size_t output_stride;
    size_t batch_size;
    xnn_status status;
    const char* names[2];
  } cases[] = {
      {0, 1, 1, 1, xnn_status_invalid_parameter, {"channels", "0"}},
      {0, 0, 0, 0, xnn_status_invalid_parameter, {"channels", "0"}},
      {12, 11, 12, 1, xnn_status_invalid_parameter, {"input_stride 11", "12"}},
      {12, 12, 11, 1, xnn_status_invalid_parameter, {"output_stride 11", "12"}},
      {12, 11, 12, 0, xnn_status_invalid_parameter, {"input_stride 11", "12"}},
      {1, size_t{1} << 31, 1, size_t{1} << 31, xnn_status_unsupported_parameter, {"input_stride", "2147483648"}},
      {1, 1, size_t{1} << 31, size_t{1} << 31, xnn_status_unsupported_parameter, {"output_stride", "2147483648"}},
      {1, SIZE_MAX, 1, 1, xnn_status_unsupported_parameter, {"input_stride", "18446744073709551615"}},
      {1, SIZE_MAX / 4 + 1, 1, 1, xnn_status_unsupported_parameter, {"input_stride", "4611686018427387904"}},
      {1, 1, SIZE_MAX / 4 + 1, 1, xnn_status_unsupported_parameter, {"output_stride", "4611686018427387904"}},
      {1, 1, 1, SIZE_MAX, xnn_status_unsupported_parameter, {"batch_size", "18446744073709551615"}},
      {1, 1, 1, SIZE_MAX / 4 + 1, xnn_status_unsupported_parameter, {"batch_size", "4611686018427387904"}},
      {1, SIZE_MAX / 4 / 3 + 1, 1, 3, xnn_status_unsupported_parameter, {"input_stride", "1537228672809129302"}},
      {1, 1, SIZE_MAX / 4 / 3 + 1, 3, xnn_status_unsupported_parameter, {"output_stride", "1537228672809129302"}},
      {1, 3, 1, SIZE_MAX / 4 / 3 + 1, xnn_status_unsupported_parameter, {"batch_size", "1537228672809129302"}},
      {SIZE_MAX, SIZE_MAX, SIZE_MAX, 1, xnn_status_unsupported_parameter, {"input_stride", "18446744073709551615"}},
      // Fits an address, but not the memory for one partial result a block.
      {kHuge, kHuge, kHuge, 1, xnn_status_out_of_memory, {"channels", "1152921504606846976"}},
  };
  for (const auto& c : cases) {
    make_ready();
    EXPECT_EQ(reshape(c.channels, c.input_stride, c.output_stride, c.batch_size), c.status) << c.names[0];
    expect_error(kReshape, c.names[0]);
    expect_error(kReshape, c.names[1]);
    expect_last_good_state();
  }
}

TEST_F(OperatorErrors, ReshapeAcceptsTheLargestShapes) {
  EXPECT_EQ(reshape(1, (size_t{1} << 31) - 1, 1, size_t{1} << 31), xnn_status_success) << xnnx_last_error();
  EXPECT_EQ(reshape(1, SIZE_MAX / 4, SIZE_MAX / 4, 1), xnn_status_success) << xnnx_last_error();
  EXPECT_EQ(reshape(1, 1, 1, SIZE_MAX / 4), xnn_status_success) << xnnx_last_error();
  EXPECT_EQ(reshape(1, SIZE_MAX / 4 / 3, SIZE_MAX / 4 / 3, 3), xnn_status_success) << xnnx_last_error();
  EXPECT_EQ(reshape(3, 3, 3, SIZE_MAX / 4 / 3), xnn_status_success) << xnnx_last_error();
  EXPECT_EQ(reshape(7, SIZE_MAX, SIZE_MAX, 0), xnn_status_success) << xnnx_last_error();
}

TEST_F(OperatorErrors, SetupRefusesBadPointers) {
  const float* misaligned = reinterpret_cast<const float*>(reinterpret_cast<const char*>(input_) + 1);
  float* misaligned_output = reinterpret_cast<float*>(reinterpret_cast<char*>(output_) + 2);
  const struct {
    const float* input;
    float* output;
    std::string names[2];
  } cases[] = {
      {nullptr, output_, {"input", "NULL"}},
      {input_, nullptr, {"output", "NULL"}},
      {misaligned, output_, {"input", pointer_text(misaligned)}},
      {input_, misaligned_output, {"output", pointer_text(misaligned_output)}},
      {input_, input_ + 1, {pointer_text(input_), pointer_text(input_ + 1)}},
      {input_ + 1, input_, {pointer_text(input_), pointer_text(input_ + 1)}},
  };
  for (const auto& c : cases) {
    make_ready();
    EXPECT_EQ(xnnx_setup_softmax_nc_f32(op_.get(), c.input, c.output), xnn_status_invalid_parameter) << c.names[0];
    expect_error(kSetup, c.names[0]);
    expect_error(kSetup, c.names[1]);
    expect_last_good_state();
  }
}

TEST_F(OperatorErrors, WrongOrder) {
  EXPECT_EQ(xnnx_setup_softmax_nc_f32(op_.get(), input_, output_), xnn_status_invalid_state);
  expect_error(kSetup, kReshape);
  EXPECT_EQ(xnnx_run_operator(op_.get(), nullptr), xnn_status_invalid_state);
  expect_error(kRun, "set up");

  ASSERT_EQ(reshape(kChannels, kChannels, kChannels, 2), xnn_status_success);
  EXPECT_EQ(xnnx_run_operator(op_.get(), nullptr), xnn_status_invalid_state);
  EXPECT_EQ(xnnx_setup_softmax_nc_f32(op_.get(), nullptr, output_), xnn_status_invalid_parameter);
  EXPECT_EQ(xnnx_run_operator(op_.get(), nullptr), xnn_status_invalid_state);

  make_ready();
  expect_last_good_state();
  ASSERT_EQ(reshape(kChannels, kChannels, kChannels, 2), xnn_status_success);
  EXPECT_EQ(xnnx_run_operator(op_.get(), nullptr), xnn_status_invalid_state);
}

// Whether any element of an input row is also one of an output row.
bool share_elements(const Shape& shape, ptrdiff_t output_offset) {
  for (size_t input_row = 0; input_row < shape.batch_size; input_row++) {
    for (size_t output_row = 0; output_row < shape.batch_size; output_row++) {
      const ptrdiff_t input_start = input_row * shape.input_stride;
      const ptrdiff_t output_start = output_offset + static_cast<ptrdiff_t>(output_row * shape.output_stride);
      if (std::abs(input_start - output_start) < static_cast<ptrdiff_t>(shape.channels)) {
        return true;
      }
    }
  }
  return false;
}

// With equal strides exactly: every small shape, at every distance between input and output.
TEST_F(OperatorErrors, PartialOverlap) {
  float memory[200];
  float* input = memory + 100;
  size_t accepted = 0;
  size_t refused = 0;
  for (size_t channels = 1; channels <= 4; channels++) {
    for (size_t stride = channels; stride <= 3 * channels + 1; stride++) {
      for (size_t batch_size = 1; batch_size <= 4; batch_size++) {
        const Shape shape = {batch_size, channels, stride, stride};
        ASSERT_EQ(reshape(channels, stride, stride, batch_size), xnn_status_success);
        for (ptrdiff_t offset = -70; offset <= 70; offset++) {
          const bool acceptable = offset == 0 || !share_elements(shape, offset);
          ASSERT_EQ(
              xnnx_setup_softmax_nc_f32(op_.get(), input, input + offset),
              acceptable ? xnn_status_success : xnn_status_invalid_parameter)
              << batch_size << " x " << channels << ", stride " << stride << ", offset " << offset;
          ++(acceptable ? accepted : refused);
        }
      }
    }
  }
  EXPECT_GT(accepted, 1000u);
  EXPECT_GT(refused, 1000u);
}

TEST_F(OperatorErrors, OverlapWithDifferentStrides) {
  float memory[200];
  float* input = memory + 100;
  for (const auto& [input_stride, output_stride] : {std::pair<size_t, size_t>{3, 5}, {5, 3}, {4, 8}, {9, 4}}) {
    const Shape shape = {3, 3, input_stride, output_stride};
    ASSERT_EQ(reshape(shape.channels, input_stride, output_stride, shape.batch_size), xnn_status_success);
    for (ptrdiff_t offset = -70; offset <= 70; offset++) {
      const xnn_status status = xnnx_setup_softmax_nc_f32(op_.get(), input, input + offset);
      const bool input_ends_before = static_cast<ptrdiff_t>(2 * input_stride + 3) <= offset;
      const bool output_ends_before = static_cast<ptrdiff_t>(2 * output_stride + 3) <= -offset;
      if (share_elements(shape, offset)) {
        ASSERT_EQ(status, xnn_status_invalid_parameter)
            << input_stride << ", " << output_stride << ", offset " << offset;
      } else if (input_ends_before || output_ends_before) {
        ASSERT_EQ(status, xnn_status_success) << input_stride << ", " << output_stride << ", offset " << offset;
      }
    }
  }
  // Strides mean nothing to a single row.
  ASSERT_EQ(reshape(3, 4, 9, 1), xnn_status_success);
  EXPECT_EQ(xnnx_setup_softmax_nc_f32(op_.get(), input, input), xnn_status_success) << xnnx_last_error();
}

TEST(LastError, BelongsToTheThread) {
  xnnx_run_operator(nullptr, nullptr);
  const std::string before = xnnx_last_error();
  std::thread([] {
    EXPECT_STREQ(xnnx_last_error(), "");
    xnnx_create_softmax_nc_f32(0, nullptr);
    expect_error(kCreate, "op_out");
  }).join();
  EXPECT_EQ(xnnx_last_error(), before);
}

}  // namespace
