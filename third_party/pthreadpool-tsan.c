// What ThreadSanitizer cannot see of pthreadpool, because the packaged library is not compiled for it: that whatever
// the caller did happens before each task, and each task before the call returns. Tasks stay unordered among
// themselves, so their races are reported. Of the functions of pthreadpool that this project calls, this is the only
// one that runs tasks.

#include <stddef.h>
#include <stdint.h>

#include <pthreadpool.h>
#include <sanitizer/tsan_interface.h>

struct call {
  pthreadpool_task_1d_t task;
  void* context;
  // Of these two, the addresses alone matter: two, since one would order a task's end before the next one's start.
  char start;
  char end;
};

static void run_task(void* context, size_t index)
{
  struct call* call = context;
  __tsan_acquire(&call->start);
  call->task(call->context, index);
  __tsan_release(&call->end);
}

// The linker's --wrap: calls from code that is linked here arrive at the second, which is the one that calls the first.
void __real_pthreadpool_parallelize_1d(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t);

void __wrap_pthreadpool_parallelize_1d(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags)
{
  struct call call = {.task = task, .context = context};
  __tsan_release(&call.start);
  __real_pthreadpool_parallelize_1d(threadpool, run_task, &call, range, flags);
  __tsan_acquire(&call.end);
}
