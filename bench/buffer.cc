#include "bench/buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>

namespace xnnx_bench {
namespace {

// Whole huge pages, so that the end of a buffer is like its middle.
constexpr size_t kHugePageBytes = size_t{1} << 21;

size_t mapped_bytes(size_t element_count)
{
  return (element_count * sizeof(float) + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

}  // namespace

Buffer::Buffer(size_t element_count, Pages pages) : size_(element_count)
{
  // One huge page more than needed, to cut an aligned piece out of it.
  const size_t bytes = mapped_bytes(element_count);
  void* memory =
      mmap(nullptr, bytes + kHugePageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  const uintptr_t start = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t aligned = (start + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const size_t before = aligned - start;
  if (before != 0) {
    munmap(memory, before);
  }
  if (before != kHugePageBytes) {
    munmap(reinterpret_cast<void*>(aligned + bytes), kHugePageBytes - before);
  }
  data_ = reinterpret_cast<float*>(aligned);
  madvise(data_, bytes, pages == Pages::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  std::memset(data_, 0, bytes);
}

Buffer::~Buffer()
{
  munmap(data_, mapped_bytes(size_));
}

void fill_with_logits(float* data, size_t count)
{
  uint32_t state = 1;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = static_cast<float>(state >> 8) * 0x1p-20f - 8.0f;
  }
}

}  // namespace xnnx_bench
