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

// BUILD gives the function another name wherever it is compiled, so that this is called instead; the linker still knows
// the packaged one.
void call_pthreadpool(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t)
    __asm__("pthreadpool_parallelize_1d");

void pthreadpool_parallelize_1d(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags)
{
  struct call call = {.task = task, .context = context};
  __tsan_release(&call.start);
  call_pthreadpool(threadpool, run_task, &call, range, flags);
  __tsan_acquire(&call.end);
}
