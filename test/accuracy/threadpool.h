// A pthreadpool for the length of a scope.

#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include <pthreadpool.h>

namespace xnnx_accuracy {

struct ThreadpoolDeleter {
  void operator()(pthreadpool_t threadpool) const { pthreadpool_destroy(threadpool); }
};

using Threadpool = std::unique_ptr<std::remove_pointer_t<pthreadpool_t>, ThreadpoolDeleter>;

// None for one thread: all these libraries then work on the calling thread.
inline Threadpool make_threadpool(size_t threads)
{
  return Threadpool(threads > 1 ? pthreadpool_create(threads) : nullptr);
}

}  // namespace xnnx_accuracy
