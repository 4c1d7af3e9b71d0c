// What is compared: one call of one implementation on one shape.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include <pthreadpool.h>

namespace xnnx_bench {

// The work that all implementations are given: the same buffers, without gaps between rows.
struct Task {
  size_t rows;
  size_t channels;
  size_t threads;
  const float* input;
  float* output;
  pthreadpool_t threadpool;  // NULL for one thread

  size_t element_count() const { return rows * channels; }
};

// Why an implementation cannot run here, in a few words.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Implementation {
 public:
  virtual ~Implementation() = default;
  virtual void run() = 0;
  // Sends threads of its own to sleep, lest they take a processor from the next implementation.
  virtual void rest() {}
  // Whether the output is a softmax of the input.
  virtual bool computes_softmax() const { return true; }
  // In words, what it runs for this task; "" where there is nothing to say.
  virtual std::string description() const { return ""; }
  // Bytes that cannot but be moved for an element: for a softmax, one read and one write.
  virtual size_t bytes_per_element() const { return 2 * sizeof(float); }
};

// Each throws Unavailable. The task's buffers outlive the implementation.

// This library's operator; flags force an algorithm, a max_isa that is not "" limits the instruction set.
std::unique_ptr<Implementation> make_ours(const Task& task, uint32_t flags, const std::string& max_isa);
// XNNPACK's own operator, from the packaged library.
std::unique_ptr<Implementation> make_xnnpack(const Task& task);
// oneDNN's softmax primitive.
std::unique_ptr<Implementation> make_onednn(const Task& task);
// That of a shared library: bench/peer-library.h. Also throws std::runtime_error, where it is none.
std::unique_ptr<Implementation> make_peer(const Task& task, const std::string& path);
// What one writes without a library.
std::unique_ptr<Implementation> make_expf_loop(const Task& task);
// A stand-in for the newest XNNPACK operator, which no package has yet.
std::unique_ptr<Implementation> make_upstream_like(const Task& task);
// The parts of the memory's limit.
std::unique_ptr<Implementation> make_copy(const Task& task);
std::unique_ptr<Implementation> make_copy_around_caches(const Task& task);
std::unique_ptr<Implementation> make_read(const Task& task);
// What the blocked algorithm moves of one long row, without its arithmetic.
std::unique_ptr<Implementation> make_copy_and_scale(const Task& task);

}  // namespace xnnx_bench
