// Four functions of XNNPACK, as its own graphs call them. Each does what XNNPACK's function of the same name does, and
// keeps one of our operators beside XNNPACK's. Everything that depends on XNNPACK's version is in this file, which is
// for that of February 2022: channels and strides come at creation, the batch and the tensors at set-up.

#include "src/graph/interpose.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <xnnpack-softmax.h>

#include "src/graph/graph-flags.h"
#include "src/graph/graph-settings.h"
#include "src/graph/graph-softmax.h"
#include "src/graph/operator-table.h"
#include "src/xnnx/error.h"
#include "src/xnnx/softmax-flags.h"

typedef enum xnn_status (*create_function)(size_t, size_t, size_t, uint32_t, xnn_operator_t*);
typedef enum xnn_status (*setup_function)(xnn_operator_t, size_t, const float*, float*, pthreadpool_t);
typedef enum xnn_status (*run_function)(xnn_operator_t, pthreadpool_t);
typedef enum xnn_status (*delete_function)(xnn_operator_t);

// XNNPACK's own functions: the next ones in symbol order after those below. NULL where there is none.
static struct {
  create_function create;
  setup_function setup;
  run_function run;
  delete_function delete;
} xnnpack;
static bool comes_before_xnnpack;
static pthread_once_t xnnpack_once = PTHREAD_ONCE_INIT;

// Whether two addresses, of code or data, lie in the same program or library.
static bool is_same_object(const void* a, const void* b)
{
  Dl_info a_info;
  Dl_info b_info;
  return dladdr(a, &a_info) != 0 && dladdr(b, &b_info) != 0 && a_info.dli_fbase == b_info.dli_fbase;
}

static void look_up_xnnpack(void)
{
  comes_before_xnnpack = is_same_object(dlsym(RTLD_DEFAULT, "xnn_create_softmax_nc_f32"), &xnnpack);
  xnnpack.create = (create_function) dlsym(RTLD_NEXT, "xnn_create_softmax_nc_f32");
  xnnpack.setup = (setup_function) dlsym(RTLD_NEXT, "xnn_setup_softmax_nc_f32");
  xnnpack.run = (run_function) dlsym(RTLD_NEXT, "xnn_run_operator");
  xnnpack.delete = (delete_function) dlsym(RTLD_NEXT, "xnn_delete_operator");
}

// Whether all four were found.
static bool has_xnnpack(const char* function_name)
{
  pthread_once(&xnnpack_once, look_up_xnnpack);
  if (xnnpack.create != NULL && xnnpack.setup != NULL && xnnpack.run != NULL && xnnpack.delete != NULL) {
    return true;
  }
  xnnx_set_last_error("%s: no XNNPACK after this library in symbol order", function_name);
  return false;
}

bool xnnx_graph_comes_before_xnnpack(void)
{
  pthread_once(&xnnpack_once, look_up_xnnpack);
  return comes_before_xnnpack;
}

static void warn_once(const char* error)
{
  static atomic_flag has_warned = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&has_warned)) {
    fprintf(stderr, "xnnpack-softmax: %s; XNNPACK's own softmax runs instead\n", error);
  }
}

enum xnn_status xnn_create_softmax_nc_f32(
    size_t channels, size_t input_stride, size_t output_stride, uint32_t flags, xnn_operator_t* softmax_op_out)
{
  if (!has_xnnpack("xnn_create_softmax_nc_f32")) {
    return xnn_status_uninitialized;
  }
  const bool is_marked = (flags & XNNX_GRAPH_FLAG_OURS) != 0;
  const uint32_t our_flags = is_marked ? flags & XNNX_SOFTMAX_FLAGS : 0;
  const uint32_t xnnpack_flags = is_marked ? flags & ~(XNNX_GRAPH_FLAG_OURS | XNNX_SOFTMAX_FLAGS) : flags;

  xnn_operator_t xnnpack_operator = NULL;
  enum xnn_status status = xnnpack.create(channels, input_stride, output_stride, xnnpack_flags, &xnnpack_operator);
  if (status != xnn_status_success) {
    return status;
  }
  const struct xnnx_graph_settings* settings = xnnx_graph_settings();
  if ((is_marked || settings->preloaded) && !settings->disabled) {
    status = xnnx_graph_softmax_create(xnnpack_operator, channels, input_stride, output_stride, our_flags);
    if (status != xnn_status_success && is_marked) {
      xnnpack.delete(xnnpack_operator);
      return status;
    }
    if (status != xnn_status_success) {
      warn_once(xnnx_last_error());  // this program never asked for us: it must not fail because of us
    }
  }
  *softmax_op_out = xnnpack_operator;
  return xnn_status_success;
}

enum xnn_status xnn_setup_softmax_nc_f32(
    xnn_operator_t softmax_op, size_t batch_size, const float* input, float* output, pthreadpool_t threadpool)
{
  if (!has_xnnpack("xnn_setup_softmax_nc_f32")) {
    return xnn_status_uninitialized;
  }
  const enum xnn_status status = xnnpack.setup(softmax_op, batch_size, input, output, threadpool);
  struct xnnx_graph_softmax* beside = xnnx_operator_table_find(softmax_op);
  if (beside != NULL && status == xnn_status_success) {
    xnnx_graph_softmax_setup(beside, batch_size, input, output, threadpool);
  } else if (beside != NULL) {
    beside->is_ready = false;
  }
  return status;
}

// Called for every operator of any kind.
enum xnn_status xnn_run_operator(xnn_operator_t op, pthreadpool_t threadpool)
{
  if (!has_xnnpack("xnn_run_operator")) {
    return xnn_status_uninitialized;
  }
  struct xnnx_graph_softmax* beside = xnnx_operator_table_find(op);
  if (beside != NULL && beside->is_ready) {
    return xnnx_graph_softmax_run(beside, threadpool);
  }
  return xnnpack.run(op, threadpool);
}

// Called for every operator of any kind.
enum xnn_status xnn_delete_operator(xnn_operator_t op)
{
  if (!has_xnnpack("xnn_delete_operator")) {
    return xnn_status_uninitialized;
  }
  xnnx_graph_softmax_delete(op);
  return xnnpack.delete(op);
}
