// Functions of XNNPACK and pthreadpool as a shared XNNPACK calls them: in symbol order these come first. They are named
// by the linker alone, because headers of XNNPACKs of other years declare them otherwise.

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <xnnpack-softmax.h>

#include "src/graph/graph-settings.h"
#include "src/graph/operator-table-lookup.h"
#include "src/graph/shared-xnnpack/callers.h"
#include "src/graph/shared-xnnpack/find-xnnpack.h"
#include "src/graph/softmax-calls.h"
#include "src/xnnx/error.h"
#include "src/xnnx/thread-local.h"

#define CALLER __builtin_return_address(0)

enum xnn_status xnnx_interposed_create(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
    __asm__("xnn_create_softmax_nc_f32");
enum xnn_status xnnx_interposed_reshape(xnn_operator_t, size_t, size_t, size_t, size_t, pthreadpool_t)
    __asm__("xnn_reshape_softmax_nc_f32");
enum xnn_status xnnx_interposed_setup(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
    __asm__("xnn_setup_softmax_nc_f32");
enum xnn_status xnnx_interposed_delete(xnn_operator_t) __asm__("xnn_delete_operator");
void xnnx_interposed_parallelize_1d(pthreadpool_t, pthreadpool_task_1d_t, void*, size_t, uint32_t)
    __asm__("pthreadpool_parallelize_1d");
size_t xnnx_interposed_get_threads_count(pthreadpool_t) __asm__("pthreadpool_get_threads_count");

// While ours is created, set up or run for a caller, that caller's, whose pool it is.
static XNNX_THREAD_LOCAL const struct xnnx_xnnpack* served;

static atomic_bool has_come_by;

// For who sees no other line and wonders why.
__attribute__((destructor)) static void tell_if_nothing_came_by(void)
{
  if (!atomic_load(&has_come_by) && xnnx_comes_before_other_copies()) {
    xnnx_graph_say(
        "no XNNPACK softmax of \"%s\" came by. Either it created none, or XNNPACK comes before this library in link order, "
        "was opened with RTLD_DEEPBIND, is linked statically or with hidden symbols into another library, or uses YNNPACK",
        program_invocation_short_name);
  }
}

enum xnn_status xnnx_interposed_create(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
  atomic_store(&has_come_by, true);
  struct xnnx_xnnpack* xnnpack = xnnx_xnnpack_of_caller(CALLER);
  const uintptr_t arguments[] = {a, b, c, d, e};
  served = xnnpack;
  const enum xnn_status status = xnnx_call_create(xnnpack, arguments);
  served = NULL;
  return status;
}

enum xnn_status xnnx_interposed_reshape(
    xnn_operator_t op, size_t channels, size_t input_stride, size_t output_stride, size_t batch_size,
    pthreadpool_t threadpool)
{
  struct xnnx_xnnpack* xnnpack = xnnx_xnnpack_of_caller(CALLER);
  served = xnnpack;
  const enum xnn_status status =
      xnnx_call_reshape(xnnpack, op, channels, input_stride, output_stride, batch_size, threadpool);
  served = NULL;
  return status;
}

enum xnn_status xnnx_interposed_setup(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
  struct xnnx_xnnpack* xnnpack = xnnx_xnnpack_of_caller(CALLER);
  const uintptr_t arguments[] = {a, b, c, d, e};
  served = xnnpack;
  const enum xnn_status status = xnnx_call_setup(xnnpack, arguments);
  served = NULL;
  return status;
}

enum xnn_status xnnx_interposed_delete(xnn_operator_t op)
{
  return xnnx_call_delete(xnnx_xnnpack_of_passing_caller(CALLER), op);
}

static void pass_on(
    const struct xnnx_xnnpack* xnnpack, pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range,
    uint32_t flags)
{
  if (xnnpack != NULL && xnnpack->parallelize_1d != NULL) {
    xnnpack->parallelize_1d(threadpool, task, context, range, flags);
    return;
  }
  // A program without pthreadpool has no pool.
  for (size_t i = 0; i < range; i++) {
    task(context, i);
  }
}

static __attribute__((noinline)) void note_or_pass_on(
    const struct xnnx_xnnpack* xnnpack, pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range,
    uint32_t flags)
{
  if (!xnnx_note_probe(task, context)) {
    pass_on(xnnpack, threadpool, task, context, range, flags);
  }
}

static __attribute__((noinline)) void run_for(
    const struct xnnx_xnnpack* xnnpack, struct xnnx_graph_softmax* beside, pthreadpool_t threadpool)
{
  const struct xnnx_xnnpack* outer = served;
  served = xnnpack;
  xnnx_graph_softmax_run(beside, threadpool);
  served = outer;
}

// Called for operators of any kind, and by ours while these run. Every call is the last thing that it does, so that it saves
// little.
void xnnx_interposed_parallelize_1d(
    pthreadpool_t threadpool, pthreadpool_task_1d_t task, void* context, size_t range, uint32_t flags)
{
  const struct xnnx_xnnpack* xnnpack = served != NULL ? served : xnnx_xnnpack_of_caller(CALLER);
  struct xnnx_graph_softmax* beside = xnnx_operator_table_look_up(context);
  if (xnnx_is_probing) {
    note_or_pass_on(xnnpack, threadpool, task, context, range, flags);
  } else if (xnnx_is_run(beside, context)) {
    run_for(xnnpack, beside, threadpool);
  } else {
    pass_on(xnnpack, threadpool, task, context, range, flags);
  }
}

size_t xnnx_interposed_get_threads_count(pthreadpool_t threadpool)
{
  const struct xnnx_xnnpack* xnnpack = served != NULL ? served : xnnx_xnnpack_of_caller(CALLER);
  return xnnpack != NULL && xnnpack->get_threads_count != NULL ? xnnpack->get_threads_count(threadpool) : 1;
}

enum xnn_status xnnx_define_softmax(xnn_subgraph_t subgraph, uint32_t input_id, uint32_t output_id, uint32_t flags)
{
  static atomic_bool comes_before_xnnpack;  // which takes the loader's lock to find out
  if (!atomic_load(&comes_before_xnnpack)) {
    atomic_store(&comes_before_xnnpack, xnnx_comes_before_xnnpack());
  }
  if (!atomic_load(&comes_before_xnnpack)) {  // the mark would be overlooked in silence
    xnnx_set_last_error(
        "xnnx_define_softmax: XNNPACK comes before this library in symbol order; link ours first, or preload it");
    return xnn_status_invalid_state;
  }
  return xnnx_call_define(xnnx_xnnpack_of_caller(CALLER), subgraph, input_id, output_id, flags);
}
