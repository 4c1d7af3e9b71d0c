#include "src/operators/parallelize.h"

#include "src/operators/floating-point-environment.h"

struct tasks {
  pthreadpool_task_1d_t task;
  void* context;
};

static void run_task(void* context, size_t index)
{
  const struct tasks* tasks = context;
  const xnnx_floating_point_environment callers = xnnx_enter_floating_point();
  tasks->task(tasks->context, index);
  xnnx_leave_floating_point(callers);
}

void xnnx_parallelize_1d(pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t task_count)
{
  struct tasks tasks = {.task = task, .context = context};
  pthreadpool_parallelize_1d(threadpool, run_task, &tasks, task_count, /*flags=*/0);
}
