// Tasks on a thread pool, in the floating-point environment of this library.

#pragma once

#include <stddef.h>

#include <pthreadpool.h>

// pthreadpool_parallelize_1d, but that each task runs in our floating-point environment, whichever thread takes it.
void xnnx_parallelize_1d(pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t task_count);
