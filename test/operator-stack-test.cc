// The operator runs on a thread that has as much stack as include/xnnpack-softmax.h asks for, and no more.

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "src/xnnx/softmax-algorithm.h"
#include "test/operator-fixture.h"

namespace {

constexpr size_t kStackBytes = 96 * 1024;

void* call(void* function) {
  (*static_cast<const std::function<void()>*>(function))();
  return nullptr;
}

// On a stack of which no more than its upper `usable_bytes` are mapped: the system may ask for a larger one.
void run_on_stack(size_t usable_bytes, const std::function<void()>& function) {
  const size_t page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t stack_bytes = std::max(usable_bytes, static_cast<size_t>(PTHREAD_STACK_MIN));
  const size_t mapped_bytes = page_bytes + stack_bytes;
  void* mapping = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapping, MAP_FAILED);
  ASSERT_EQ(mprotect(mapping, mapped_bytes - usable_bytes, PROT_NONE), 0);
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstack(&attributes, static_cast<char*>(mapping) + page_bytes, stack_bytes), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, call, const_cast<std::function<void()>*>(&function)), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
  munmap(mapping, mapped_bytes);
}

// Ordinary rows, and rows that need a shift, in caches and past them.
TEST_P(OperatorTest, RunsOnTheStackThatTheHeaderAsksFor) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{10}, size_t{256}, size_t{1000}, size_t{8192}, size_t{20000}}) {
    size_t exceeding_batch_size = 1;
    while (!xnnx_tensors_exceed_caches(exceeding_batch_size * channels)) {
      exceeding_batch_size *= 2;
    }
    for (const size_t batch_size : {size_t{50}, exceeding_batch_size}) {
      Floats input(batch_size * channels, 1.0f);
      std::fill_n(input.begin(), channels, 1e8f);
      Floats output(input.size());
      run_softmax(op, dense_shape(batch_size, channels), input.data(), output.data());
      xnn_status status = xnn_status_uninitialized;
      ASSERT_NO_FATAL_FAILURE(run_on_stack(kStackBytes, [&] { status = xnnx_run_operator(op.get(), nullptr); }));
      ASSERT_EQ(status, xnn_status_success);
      ASSERT_FLOAT_EQ(output.front(), output.back()) << batch_size << " x " << channels;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OperatorTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

}  // namespace
