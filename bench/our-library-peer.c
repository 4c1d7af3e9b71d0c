// Another build of this library as a peer of `compare`. LIBRARY is the path of its libxnnpack-softmax.so, in quotes.

#include <dlfcn.h>
#include <stddef.h>
#include <xnnpack-softmax.h>

#include "bench/peer-library.h"

#define FIND(function) ((__typeof__(&function)) dlsym(library, #function))

static __typeof__(&xnnx_run_operator) run_operator;
static __typeof__(&xnnx_delete_operator) delete_operator;
static pthreadpool_t threadpool;

void* xnnx_peer_create(const struct xnnx_peer_task* task, const char** reason)
{
  void* library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    *reason = dlerror();
    return NULL;
  }
  run_operator = FIND(xnnx_run_operator);
  delete_operator = FIND(xnnx_delete_operator);
  threadpool = task->threadpool;
  xnnx_operator_t softmax = NULL;
  if (FIND(xnnx_create_softmax_nc_f32)(/*flags=*/0, &softmax) != xnn_status_success ||
      FIND(xnnx_reshape_softmax_nc_f32)(
          softmax, task->channels, task->channels, task->channels, task->rows, threadpool) != xnn_status_success ||
      FIND(xnnx_setup_softmax_nc_f32)(softmax, task->input, task->output) != xnn_status_success) {
    *reason = FIND(xnnx_last_error)();
    delete_operator(softmax);
    return NULL;
  }
  return softmax;
}

void xnnx_peer_run(void* peer)
{
  run_operator(peer, threadpool);
}

void xnnx_peer_delete(void* peer)
{
  delete_operator(peer);
}
