// The shared library, opened as a plugin: the first run on a new thread allocates nothing, which the loader would do for
// ordinary thread-local variables; and the program's thread pools are used. Usage: loaded-library-test LIBRARY

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <xnnpack-softmax.h>

#include "test/gtest-main.h"
#include "test/threadpool.h"

// Every allocation of the process goes through these, the loader's among them.
static std::atomic<size_t> allocation_count{0};
// Of the last call of the program's pthreadpool.
static size_t parallel_tasks = 0;

extern "C" {

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t bytes) {
  allocation_count++;
  return __libc_malloc(bytes);
}

void* calloc(size_t count, size_t bytes) {
  allocation_count++;
  return __libc_calloc(count, bytes);
}

void* realloc(void* memory, size_t bytes) {
  allocation_count++;
  return __libc_realloc(memory, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) {
  allocation_count++;
  return __libc_memalign(alignment, bytes);
}

void* memalign(size_t alignment, size_t bytes) { return aligned_alloc(alignment, bytes); }

void pthreadpool_parallelize_1d(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags) {
  parallel_tasks = range;
  using Function = void (*)(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthreadpool_parallelize_1d"));
  next(threadpool, task, context, range, flags);
}

}  // extern "C"

namespace {

class LoadedLibrary : public testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(test_arguments().at(0).c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
  }

  template <typename Function>
  Function* function(const char* name, Function*) const {
    return reinterpret_cast<Function*>(dlsym(library_, name));
  }

  void* library_;
};

#define FUNCTION(name) function(#name, &name)

TEST_F(LoadedLibrary, AThreadsFirstRunAllocatesNothing) {
  const auto run = FUNCTION(xnnx_run_operator);
  for (const size_t channels : {10, 1000, 20000}) {
    std::vector<float> values(10 * channels, 1.0f);
    xnnx_operator_t op = nullptr;
    ASSERT_EQ(FUNCTION(xnnx_create_softmax_nc_f32)(0, &op), xnn_status_success);
    ASSERT_EQ(
        FUNCTION(xnnx_reshape_softmax_nc_f32)(op, channels, channels, channels, 10, nullptr), xnn_status_success);
    ASSERT_EQ(FUNCTION(xnnx_setup_softmax_nc_f32)(op, values.data(), values.data()), xnn_status_success);
    size_t allocations = 1;
    std::thread([&] {
      const size_t before = allocation_count;
      run(op, nullptr);
      allocations = allocation_count - before;
    }).join();
    EXPECT_EQ(allocations, 0u) << channels << " channels";
    FUNCTION(xnnx_delete_operator)(op);
  }
}

TEST_F(LoadedLibrary, AllocationsAreSeen) {
  const size_t before = allocation_count;
  xnnx_operator_t op = nullptr;
  ASSERT_EQ(FUNCTION(xnnx_create_softmax_nc_f32)(0, &op), xnn_status_success);
  EXPECT_GT(allocation_count, before);
  FUNCTION(xnnx_delete_operator)(op);
}

// Opened with RTLD_DEEPBIND, where its own symbols come first for it: a copy, because what is open already is not opened anew.
TEST(LibraryForItself, UsesTheProgramsPthreadpool) {
  const std::string copy = testing::TempDir() + "loaded-library-test.so";
  std::filesystem::copy_file(test_arguments().at(0), copy, std::filesystem::copy_options::overwrite_existing);
  void* library = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto function = [&](const char* name, auto* of_type) {
    return reinterpret_cast<decltype(of_type)>(dlsym(library, name));
  };
  const Threadpool pool = make_threadpool(3);
  std::vector<float> values(30 * 20000, 1.0f);
  xnnx_operator_t op = nullptr;
  ASSERT_EQ(FUNCTION(xnnx_create_softmax_nc_f32)(0, &op), xnn_status_success);
  ASSERT_EQ(FUNCTION(xnnx_reshape_softmax_nc_f32)(op, 20000, 20000, 20000, 30, pool.get()), xnn_status_success);
  ASSERT_EQ(FUNCTION(xnnx_setup_softmax_nc_f32)(op, values.data(), values.data()), xnn_status_success);
  parallel_tasks = 0;
  ASSERT_EQ(FUNCTION(xnnx_run_operator)(op, pool.get()), xnn_status_success);
  EXPECT_EQ(parallel_tasks, 3u);
  FUNCTION(xnnx_delete_operator)(op);
  std::filesystem::remove(copy);
}

// glibc sets 512 bytes aside for the thread-local variables of libraries that are opened later.
TEST_F(LoadedLibrary, ThreadLocalVariablesFitWhatTheLoaderSetsAside) {
  struct link_map* map = nullptr;
  ASSERT_EQ(dlinfo(library_, RTLD_DI_LINKMAP, &map), 0);
  const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(map->l_addr);
  const auto* segments = reinterpret_cast<const ElfW(Phdr)*>(map->l_addr + header->e_phoff);
  size_t bytes = 0;
  for (size_t i = 0; i < header->e_phnum; i++) {
    bytes += segments[i].p_type == PT_TLS ? segments[i].p_memsz : 0;
  }
  EXPECT_GT(bytes, 0u);
  EXPECT_LE(bytes, 512u);
}

}  // namespace
