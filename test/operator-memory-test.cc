// The memory of the operator: how much, when, none of it lost, and what happens when there is none.

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "src/operators/softmax-row.h"
#include "test/operator-fixture.h"

// Every allocation of this program is counted, and fails on demand.

namespace {

std::atomic<size_t> allocation_count;
std::atomic<size_t> allocated_bytes;
std::atomic<ptrdiff_t> live_allocations;
std::atomic<bool> out_of_memory;

bool count_allocation(size_t bytes) {
  allocation_count++;
  allocated_bytes += bytes;
  if (out_of_memory) {
    errno = ENOMEM;
    return false;
  }
  live_allocations++;
  return true;
}

}  // namespace

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* pointer, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* pointer);

void* malloc(size_t size) {
  return count_allocation(size) ? __libc_malloc(size) : nullptr;
}

void* calloc(size_t count, size_t size) {
  return count_allocation(count * size) ? __libc_calloc(count, size) : nullptr;
}

void* realloc(void* pointer, size_t size) {
  live_allocations -= pointer != nullptr;
  return count_allocation(size) ? __libc_realloc(pointer, size) : nullptr;
}

void* aligned_alloc(size_t alignment, size_t size) {
  return count_allocation(size) ? __libc_memalign(alignment, size) : nullptr;
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  *result = aligned_alloc(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}

void free(void* pointer) {
  live_allocations -= pointer != nullptr;
  __libc_free(pointer);
}

}  // extern "C"

namespace {

constexpr size_t kBlock = XNNX_BLOCK_ELEMENTS;

// What `action` allocates.
struct Allocations {
  size_t count;
  size_t bytes;
  ptrdiff_t live;
};

template <typename Action>
Allocations allocations_of(const Action& action) {
  const Allocations before = {allocation_count, allocated_bytes, live_allocations};
  action();
  return {allocation_count - before.count, allocated_bytes - before.bytes, live_allocations - before.live};
}

TEST(OperatorMemory, CreateTakesAFewKibibytes) {
  create_operator(0);  // lets cpuinfo look at the processor
  xnnx_operator_t op = nullptr;
  const Allocations allocations = allocations_of([&] { xnnx_create_softmax_nc_f32(0, &op); });
  EXPECT_GE(allocations.count, 1u);
  EXPECT_LE(allocations.bytes, 4096u);
  xnnx_delete_operator(op);
}

TEST(OperatorMemory, ReshapeTakesAThousandthOfTheRowsThatRunAtATime) {
  const pthreadpool_t pool = shared_pool(3);
  const size_t channels = 100 * kBlock + 1;
  const OperatorPointer op = create_operator(0);
  const auto reshape = [&](size_t row_channels, size_t batch_size) {
    return allocations_of([&] {
      xnnx_reshape_softmax_nc_f32(op.get(), row_channels, row_channels, row_channels, batch_size, pool);
    });
  };
  EXPECT_EQ(reshape(kBlock, 1000).count, 0u);
  const size_t row_bytes = channels * sizeof(float);
  for (const size_t batch_size : {1, 2, 3, 10, 1000}) {
    const Allocations allocations = reshape(channels, batch_size);
    EXPECT_GE(allocations.count, 1u);
    EXPECT_LE(allocations.bytes, std::min<size_t>(batch_size, 3) * row_bytes / 1000) << "batch " << batch_size;
  }
  EXPECT_LE(reshape(kBlock, 1).live, -1);
}

TEST(OperatorMemory, RunAllocatesNothing) {
  const pthreadpool_t pool = shared_pool(3);
  for (const uint32_t flags : {XNNX_FLAG_TWO_PASS, XNNX_FLAG_THREE_PASS_RECOMPUTE, XNNX_FLAG_THREE_PASS_RELOAD}) {
    for (const size_t channels : {size_t{10}, size_t{1000}, 50 * kBlock}) {
      const Shape shape = dense_shape(50, channels);
      Floats input = random_floats(shape.batch_size * channels, -10.0f, 10.0f);
      input[3] = 1e20f;
      Floats output(input.size());
      const OperatorPointer op = create_operator(flags);
      for (pthreadpool_t run_pool : {pthreadpool_t{nullptr}, pool}) {
        run_softmax(op, shape, input.data(), output.data(), run_pool);
        EXPECT_EQ(allocations_of([&] { xnnx_run_operator(op.get(), run_pool); }).count, 0u) << channels << " channels";
      }
    }
  }
}

TEST(OperatorMemory, AMillionOperatorsLeaveNothingBehind) {
  create_operator(0);
  const Allocations allocations = allocations_of([] {
    for (int i = 0; i < 1000000; i++) {
      xnnx_operator_t op;
      xnnx_create_softmax_nc_f32(0, &op);
      xnnx_reshape_softmax_nc_f32(op, kBlock + 1, kBlock + 1, kBlock + 1, 1, nullptr);
      xnnx_reshape_softmax_nc_f32(op, 2 * kBlock + 1, 2 * kBlock + 1, 2 * kBlock + 1, 1, nullptr);
      xnnx_delete_operator(op);
    }
  });
  EXPECT_GE(allocations.count, 1000000u);
  EXPECT_EQ(allocations.live, 0);
}

// Failures on the way leave nothing behind, either.
TEST(OperatorMemory, OutOfMemory) {
  OperatorPointer op = create_operator(0);
  const Floats input = random_floats(2 * kBlock, -10.0f, 10.0f);
  Floats output(input.size());
  run_softmax(op, dense_shape(1, 2 * kBlock), input.data(), output.data());
  output.assign(output.size(), -1.0f);

  xnn_status create_status;
  xnn_status reshape_status;
  xnnx_operator_t not_created = op.get();
  const Allocations allocations = allocations_of([&] {
    out_of_memory = true;
    create_status = xnnx_create_softmax_nc_f32(0, &not_created);
    reshape_status = xnnx_reshape_softmax_nc_f32(op.get(), 3 * kBlock, 3 * kBlock, 3 * kBlock, 1, nullptr);
    out_of_memory = false;
  });
  EXPECT_EQ(allocations.count, 2u);
  EXPECT_EQ(allocations.live, 0);
  EXPECT_EQ(create_status, xnn_status_out_of_memory);
  EXPECT_EQ(not_created, nullptr);
  EXPECT_EQ(reshape_status, xnn_status_out_of_memory);
  EXPECT_EQ(std::string(xnnx_last_error()).rfind("xnnx_reshape_softmax_nc_f32: no memory", 0), 0u) << xnnx_last_error();

  // The last good state is still there.
  ASSERT_EQ(xnnx_run_operator(op.get(), nullptr), xnn_status_success);
  expect_softmax(output.data(), input.data(), input.size());
}

}  // namespace
