// The memory of the operator: how much, when, none of it lost, and what happens when there is none.

#include <cstdint>

#include "src/operators/softmax-stream.h"
#include "src/xnnx/softmax-algorithm.h"
#include "test/failing-allocations.h"
#include "test/operator-fixture.h"

namespace {

// Longer rows need memory.
constexpr size_t kCached = XNNX_CACHED_ROW_CHANNELS;

TEST(OperatorMemory, CreateTakesAFewKibibytes) {
  create_operator(0);  // lets cpuinfo look at the processor
  xnnx_operator_t op = nullptr;
  const Allocations allocations =
      allocations_of([&] { EXPECT_EQ(xnnx_create_softmax_nc_f32(0, &op), xnn_status_success); });
  EXPECT_GE(allocations.count, 1u);
  EXPECT_LE(allocations.bytes, 4096u);
  xnnx_delete_operator(op);
}

// 28 bytes a block, and 64 to align them.
TEST(OperatorMemory, ReshapeTakesSomeBytesForEachBlockOfTheRowsThatRunAtATime) {
  const pthreadpool_t pool = shared_pool(3);
  const size_t blocks = 100 + 1;
  const size_t channels = 100 * XNNX_BLOCK_ELEMENTS + 1;
  const OperatorPointer op = create_operator(XNNX_FLAG_KEEP_OUTPUT_IN_CACHE);
  const auto reshape = [&](size_t row_channels, size_t batch_size) {
    return allocations_of([&] {
      EXPECT_EQ(
          xnnx_reshape_softmax_nc_f32(op.get(), row_channels, row_channels, row_channels, batch_size, pool),
          xnn_status_success);
    });
  };
  EXPECT_EQ(reshape(kCached, 1000).count, 0u);
  for (const size_t batch_size : {1, 2, 3, 10, 1000}) {
    const Allocations allocations = reshape(channels, batch_size);
    EXPECT_GE(allocations.count, 1u);
    EXPECT_LE(allocations.bytes, (batch_size < 3 ? 1 : 3) * (28 * blocks + 64)) << "batch " << batch_size;
  }
  EXPECT_LE(reshape(kCached, 1).live, -1);
}

// The least batch of long rows whose output goes past the caches, on three threads.
Shape shape_of_waiting_rows() {
  const size_t channels = 3 * XNNX_SLOT_ELEMENTS + 1;
  size_t batch_size = 3;
  while (!xnnx_tensors_exceed_caches(batch_size * channels)) {
    batch_size++;
  }
  return dense_shape(batch_size, channels);
}

// No emulator knows of a cache that a row may wait in.
#define SKIP_UNLESS_ROWS_WAIT(shape) \
  if (!xnnx_row_may_wait_in_cache((shape).channels)) GTEST_SKIP() << "a row would fill this processor's last cache"

TEST(OperatorMemory, RowsThatWaitTakeARowAndABlockAThreadMore) {
  OperatorPointer op = create_operator(0);
  const size_t slot = XNNX_SLOT_ELEMENTS;
  const Shape shape = shape_of_waiting_rows();
  SKIP_UNLESS_ROWS_WAIT(shape);
  const auto reshape = [&] {
    EXPECT_EQ(
        xnnx_reshape_softmax_nc_f32(
            op.get(), shape.channels, shape.input_stride, shape.output_stride, shape.batch_size, shared_pool(3)),
        xnn_status_success);
  };
  const Allocations allocations = allocations_of(reshape);
  const size_t slots = 4 + 1;
  EXPECT_EQ(allocations.count, 1u);
  EXPECT_GE(allocations.bytes, 3 * slots * slot * sizeof(float));
  EXPECT_LE(allocations.bytes, 3 * slots * (slot * sizeof(float) + 28 * 4 + 64));
  const Allocations later = allocations_of([&] {
    EXPECT_EQ(xnnx_reshape_softmax_nc_f32(op.get(), 1, 1, 1, 1, nullptr), xnn_status_success);
  });
  EXPECT_EQ(later.live, -1);
  reshape();
  EXPECT_EQ(allocations_of([&] { op.reset(); }).live, -2);
}

TEST(OperatorMemory, RunAllocatesNothing) {
  create_operator(0);  // lets cpuinfo look at the processor
  std::vector<Shape> shapes = {dense_shape(50, 10), dense_shape(50, 1000), dense_shape(50, 50 * kCached)};
  const size_t last_cached_shape = shapes.size() - 1;
  for (const size_t channels : {size_t{10}, size_t{1000}, kCached, 3 * kCached + 1}) {
    size_t batch_size = 1;
    while (!xnnx_tensors_exceed_caches(batch_size * channels)) {
      batch_size *= 2;
    }
    shapes.push_back(dense_shape(batch_size, channels));
  }
  for (size_t i = 0; i < shapes.size(); i++) {
    const Shape& shape = shapes[i];
    Floats input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
    input[3] = 1e20f;
    Floats output(input.size());
    for (const Algorithm& algorithm : kAlgorithms) {
      const OperatorPointer op = create_operator(algorithm.flags);
      for (pthreadpool_t pool : {pthreadpool_t{nullptr}, shared_pool(3)}) {
        run_softmax(op, shape, input.data(), output.data(), pool);
        const std::string description = xnnx_describe_operator(op.get());
        if (i > last_cached_shape && description.find(": blocked on ") != std::string::npos) {
          const bool streams = description.find("past the caches") != std::string::npos;
          EXPECT_EQ(streams, shape.channels >= 512 && xnnx_row_may_wait_in_cache(shape.channels)) << description;
        }
        const Allocations allocations =
            allocations_of([&] { EXPECT_EQ(xnnx_run_operator(op.get(), pool), xnn_status_success); });
        EXPECT_EQ(allocations.count, 0u) << description;
      }
    }
  }
}

TEST(OperatorMemory, AMillionOperatorsLeaveNothingBehind) {
  create_operator(0);
  const Allocations allocations = allocations_of([] {
    for (int i = 0; i < 1000000; i++) {
      xnnx_operator_t op = nullptr;
      ASSERT_EQ(xnnx_create_softmax_nc_f32(0, &op), xnn_status_success);
      for (const size_t channels : {kCached + 1, 2 * kCached + 1}) {
        ASSERT_EQ(
            xnnx_reshape_softmax_nc_f32(op, channels, channels, channels, /*batch_size=*/1, nullptr),
            xnn_status_success);
      }
      ASSERT_EQ(xnnx_delete_operator(op), xnn_status_success);
    }
  });
  EXPECT_EQ(allocations.count, 3000000u);  // the operator and two shapes
  EXPECT_EQ(allocations.live, 0);
}

// What happens where memory runs out.

void expect_out_of_memory(xnn_status status, const std::string& function) {
  EXPECT_EQ(status, xnn_status_out_of_memory);
  const std::string error = xnnx_last_error();
  EXPECT_EQ(error.rfind(function + ": no memory for ", 0), 0u) << error;
}

void expect_rows(const Floats& output, const Floats& input, const Shape& shape) {
  for (size_t row = 0; row < shape.batch_size; row++) {
    expect_softmax(&output[row * shape.output_stride], &input[row * shape.input_stride], shape.channels);
  }
}

// Takes one operator through several shapes, some of which need memory. A call that fails for want of memory is made
// again.
void use_operator(pthreadpool_t pool) {
  xnnx_operator_t op = reinterpret_cast<xnnx_operator_t>(1);
  xnn_status status = xnnx_create_softmax_nc_f32(0, &op);
  if (status != xnn_status_success) {
    expect_out_of_memory(status, "xnnx_create_softmax_nc_f32");
    ASSERT_EQ(op, nullptr);
    status = xnnx_create_softmax_nc_f32(0, &op);
  }
  if (status != xnn_status_success) {
    expect_out_of_memory(status, "xnnx_create_softmax_nc_f32");
    return;
  }
  const OperatorPointer owner(op);
  Shape shape = dense_shape(0, 1);
  Floats input;
  Floats output;
  for (const Shape& next :
       {dense_shape(3, 10), dense_shape(2, kCached + 1), dense_shape(5, 2 * kCached + 1), dense_shape(1, 3 * kCached)}) {
    for (int attempt = 0; attempt < 2; attempt++) {
      status = xnnx_reshape_softmax_nc_f32(
          op, next.channels, next.input_stride, next.output_stride, next.batch_size, pool);
      if (status == xnn_status_success) {
        shape = next;
        input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
        output.resize(input.size());
        ASSERT_EQ(xnnx_setup_softmax_nc_f32(op, input.data(), output.data()), xnn_status_success);
        break;
      }
      expect_out_of_memory(status, "xnnx_reshape_softmax_nc_f32");
      if (input.empty()) {
        ASSERT_EQ(xnnx_run_operator(op, pool), xnn_status_invalid_state);
      }
    }
    // The new shape, or the last good one.
    output.assign(output.size(), -1.0f);
    if (!input.empty()) {
      ASSERT_EQ(xnnx_run_operator(op, pool), xnn_status_success) << xnnx_last_error();
      expect_rows(output, input, shape);
    }
  }
}

TEST(OperatorMemory, EveryAllocationMayFail) {
  create_operator(0);  // lets cpuinfo look at the processor
  for (const size_t thread_count : {0, 3}) {
    const pthreadpool_t pool = shared_pool(thread_count);
    for (const size_t failures : {size_t{1}, size_t{2}, SIZE_MAX}) {
      bool has_failed = true;
      size_t first = 0;
      while (has_failed) {
        first++;
        const Allocations allocations = allocations_of([&] {
          const FailingAllocations failing(first, failures);
          use_operator(pool);
          has_failed = failing.have_occurred();
        });
        ASSERT_EQ(allocations.live, 0) << "after failure of allocation " << first << ", " << thread_count << " threads";
        ASSERT_FALSE(HasFailure()) << "at failure of allocation " << first << ", " << thread_count << " threads";
      }
      EXPECT_GE(first, 4u) << "creation and two shapes need memory";
    }
  }
}

// The allocation of a shape whose rows wait: if it fails, the operator goes on with the shape that it had.
TEST(OperatorMemory, RowsThatWaitMayLackMemory) {
  const OperatorPointer op = create_operator(0);
  const Shape last_shape = dense_shape(2, 2 * kCached + 1);
  const Floats input = random_floats(last_shape.batch_size * last_shape.channels, -10.0f, 10.0f);
  Floats output(input.size());
  run_softmax(op, last_shape, input.data(), output.data());
  const Shape shape = shape_of_waiting_rows();
  SKIP_UNLESS_ROWS_WAIT(shape);
  const auto reshape = [&](const OperatorPointer& reshaped) {
    return xnnx_reshape_softmax_nc_f32(
        reshaped.get(), shape.channels, shape.input_stride, shape.output_stride, shape.batch_size, shared_pool(3));
  };
  const OperatorPointer other_op = create_operator(0);
  const size_t needed_bytes = allocations_of([&] { EXPECT_EQ(reshape(other_op), xnn_status_success); }).bytes;
  const Allocations allocations = allocations_of([&] {
    const FailingAllocations failing(1, 1);
    expect_out_of_memory(reshape(op), "xnnx_reshape_softmax_nc_f32");
    EXPECT_TRUE(failing.have_occurred());
  });
  EXPECT_EQ(allocations.live, 0);
  const std::string error = xnnx_last_error();
  EXPECT_NE(error.find(" " + std::to_string(needed_bytes) + " bytes "), std::string::npos) << error;
  output.assign(output.size(), -1.0f);
  ASSERT_EQ(xnnx_run_operator(op.get(), nullptr), xnn_status_success);
  expect_rows(output, input, last_shape);
}

}  // namespace
