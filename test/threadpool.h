// A pthreadpool for the length of a scope.

#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include <pthreadpool.h>

struct DestroyThreadpool {
  void operator()(pthreadpool_t threadpool) const { pthreadpool_destroy(threadpool); }
};

using Threadpool = std::unique_ptr<std::remove_pointer_t<pthreadpool_t>, DestroyThreadpool>;

// None for one thread: every library then works on the calling one.
inline Threadpool make_threadpool(size_t threads) {
  return Threadpool(threads > 1 ? pthreadpool_create(threads) : nullptr);
}
