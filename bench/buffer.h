// Memory for measurements: page-aligned, of one stated page size, and touched before it is handed out, so that no page
// fault and no luck with huge pages falls into a timed region.

#pragma once

#include <cstddef>

namespace xnnx_bench {

enum class Pages {
  kSmall,  // 4 KiB, as malloc gives them where transparent huge pages are on request only
  kHuge,   // 2 MiB where the system grants them, so that neither TLB nor page colours matter
};

class Buffer {
 public:
  // Throws std::bad_alloc.
  Buffer(size_t element_count, Pages pages);
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  float* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  float* data_;
  size_t size_;
};

// Random numbers, uniform in [-8, 8): no exponential of them, divided by a sum of up to 2^31 others, is denormal.
void fill_with_logits(float* data, size_t count);

}  // namespace xnnx_bench
