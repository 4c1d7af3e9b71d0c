#include "src/graph/softmax-calls.h"

#include <stdatomic.h>
#include <stdio.h>

#include <xnnpack-softmax.h>

#include "src/graph/graph-flags.h"
#include "src/graph/graph-settings.h"
#include "src/graph/graph-softmax.h"
#include "src/graph/operator-table.h"
#include "src/graph/versions.h"
#include "src/xnnx/error.h"
#include "src/xnnx/isa.h"
#include "src/xnnx/softmax-flags.h"
#include "src/xnnx/thread-local.h"

XNNX_THREAD_LOCAL bool xnnx_is_probing;
static XNNX_THREAD_LOCAL struct xnnx_xnnpack* probed_xnnpack;
static XNNX_THREAD_LOCAL const void* probed_context;

// The context that `op`, which is set up, passes to pthreadpool; NULL if it does not call it where we see it.
static const void* learn_context(struct xnnx_xnnpack* xnnpack, xnn_operator_t op)
{
  probed_xnnpack = xnnpack;
  probed_context = NULL;
  xnnx_is_probing = true;
  xnnpack->run_operator(op, /*threadpool=*/NULL);
  xnnx_is_probing = false;
  return probed_context;
}

bool xnnx_note_probe(pthreadpool_task_1d_t task, const void* context)
{
  const pthreadpool_task_1d_t softmax_task = __atomic_load_n(&probed_xnnpack->softmax_task, __ATOMIC_RELAXED);
  if (softmax_task != NULL && softmax_task != task) {
    return false;
  }
  __atomic_store_n(&probed_xnnpack->softmax_task, task, __ATOMIC_RELAXED);
  probed_context = context;
  return true;
}

// Tries it with a row of XNNPACK's own: if its run does not come by here, a probe would compute.
static enum xnnx_catching try_to_catch(struct xnnx_xnnpack* xnnpack)
{
  // More than any XNNPACK reads past the end.
  float input[64] = {0.0f};
  float output[64];
  xnn_operator_t op = NULL;
  const enum xnn_status status = xnnpack->reshape_softmax == NULL
                                     ? xnnx_make_row_with_shape(xnnpack, input, output, &op)
                                     : xnnx_make_row_without_shape(xnnpack, input, output, &op);
  enum xnnx_catching catching = xnnx_catching_is_unknown;  // with memory it may be known the next time
  if (status == xnn_status_success) {
    catching = learn_context(xnnpack, op) != NULL ? xnnx_catches_runs : xnnx_misses_runs;
  }
  if (op != NULL) {
    xnnpack->delete_operator(op);
  }
  return catching;
}

static bool catches_runs(struct xnnx_xnnpack* xnnpack)
{
  enum xnnx_catching catching = __atomic_load_n(&xnnpack->catching, __ATOMIC_RELAXED);
  if (catching == xnnx_catching_is_unknown) {
    catching = try_to_catch(xnnpack);
    __atomic_store_n(&xnnpack->catching, catching, __ATOMIC_RELAXED);
  }
  return catching == xnnx_catches_runs;
}

struct xnnx_node_flags xnnx_split_node_flags(uint32_t flags)
{
  if ((flags & XNNX_GRAPH_FLAG_MARKED) == 0) {
    return (struct xnnx_node_flags){.xnnpack = flags, .wish = xnnx_node_knows_nothing_of_us};
  }
  return (struct xnnx_node_flags){
    .xnnpack = flags & ~(XNNX_GRAPH_FLAG_MARKED | XNNX_SOFTMAX_FLAGS | XNNX_FLAG_XNNPACK_SOFTMAX),
    .ours = flags & XNNX_SOFTMAX_FLAGS,
    .wish = (flags & XNNX_FLAG_XNNPACK_SOFTMAX) != 0 ? xnnx_node_wants_xnnpacks : xnnx_node_wants_ours,
  };
}

static void warn_once(const char* error)
{
  static atomic_flag has_warned = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&has_warned)) {
    fprintf(stderr, "xnnpack-softmax: %s; XNNPACK's own softmax runs instead\n", error);
  }
}

// Plain C is slower than XNNPACK's own vectors, so that only who asks for ours by name gets it.
static bool is_faster_than_xnnpacks(void)
{
  uint32_t usable_isas;
  if (xnnx_find_usable_isas("xnn_create_softmax_nc_f32", &usable_isas) != xnn_status_success) {
    return true;  // for the error to be told
  }
  return usable_isas != UINT32_C(1) << xnnx_isa_scalar;
}

static enum xnn_status create_beside(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, uint32_t flags, struct xnnx_graph_softmax** beside_out)
{
  const struct xnnx_graph_settings* settings = xnnx_graph_settings();
  if (settings->error[0] != '\0') {
    xnnx_set_last_error("xnn_create_softmax_nc_f32: %s", settings->error);
    return xnn_status_invalid_parameter;
  }
  if (!catches_runs(xnnpack)) {
    xnnx_set_last_error(
        "xnn_create_softmax_nc_f32: the XNNPACK in %s calls pthreadpool where this library cannot answer", xnnpack->path);
    return xnn_status_unsupported_parameter;
  }
  return xnnx_graph_softmax_create(op, flags, beside_out);
}

static bool is_to_be_ours(enum xnnx_node_wish wish)
{
  if (wish == xnnx_node_wants_xnnpacks) {
    xnnx_graph_say("XNNX_FLAG_XNNPACK_SOFTMAX: XNNPACK's own softmax runs");
    return false;
  }
  if (xnnx_graph_settings()->is_disabled) {
    xnnx_graph_say("XNNX_DISABLE=1: XNNPACK's own softmax runs");
    return false;
  }
  if (wish == xnnx_node_knows_nothing_of_us && !is_faster_than_xnnpacks()) {
    xnnx_graph_say("XNNPACK's own softmax runs, because ours is slower in plain C");
    return false;
  }
  return true;
}

enum xnn_status xnnx_stand_beside(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, struct xnnx_node_flags flags, xnn_operator_t* op_out,
    struct xnnx_graph_softmax** beside_out)
{
  *beside_out = NULL;
  if (is_to_be_ours(flags.wish)) {
    const enum xnn_status status = create_beside(xnnpack, op, flags.ours, beside_out);
    if (status != xnn_status_success && flags.wish == xnnx_node_wants_ours) {
      xnnpack->delete_operator(op);
      return status;
    }
    if (status != xnn_status_success) {
      warn_once(xnnx_last_error());
    }
  }
  *op_out = op;
  return xnn_status_success;
}

void xnnx_set_up_beside(
    struct xnnx_xnnpack* xnnpack, struct xnnx_graph_softmax* beside, const float* input, float* output)
{
  xnnx_graph_softmax_setup(beside, input, output);
  // XNNPACK does not run a batch of 0.
  if (beside->is_ready && beside->shape.batch_size != 0) {
    xnnx_graph_softmax_set_context(beside, learn_context(xnnpack, beside->xnnpack_operator));
  }
}

static enum xnn_status fail_without_xnnpack(const char* function_name)
{
  xnnx_set_last_error("%s: no XNNPACK after this library in symbol order", function_name);
  return xnn_status_uninitialized;
}

// Calls what has the name of XNNPACK's function, but without graphs about it is no XNNPACK that we know.
static enum xnn_status pass_on(xnnx_function function, const uintptr_t arguments[5])
{
  typedef enum xnn_status (*any_function)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);
  return ((any_function) function)(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
}

enum xnn_status xnnx_call_create(struct xnnx_xnnpack* xnnpack, const uintptr_t arguments[5])
{
  if (xnnpack == NULL || xnnpack->create_softmax == NULL) {
    return fail_without_xnnpack("xnn_create_softmax_nc_f32");
  }
  if (xnnpack->define_softmax == NULL) {
    return pass_on(xnnpack->create_softmax, arguments);
  }
  if (xnnpack->reshape_softmax != NULL) {
    return xnnx_create_without_shape(xnnpack, (uint32_t) arguments[0], (xnn_operator_t*) arguments[1]);
  }
  return xnnx_create_with_shape(
      xnnpack, arguments[0], arguments[1], arguments[2], (uint32_t) arguments[3], (xnn_operator_t*) arguments[4]);
}

enum xnn_status xnnx_call_reshape(
    struct xnnx_xnnpack* xnnpack, xnn_operator_t op, size_t channels, size_t input_stride, size_t output_stride,
    size_t batch_size, pthreadpool_t threadpool)
{
  if (xnnpack == NULL || xnnpack->reshape_softmax == NULL) {
    return fail_without_xnnpack("xnn_reshape_softmax_nc_f32");
  }
  return xnnx_reshape(xnnpack, op, channels, input_stride, output_stride, batch_size, threadpool);
}

enum xnn_status xnnx_call_setup(struct xnnx_xnnpack* xnnpack, const uintptr_t arguments[5])
{
  if (xnnpack == NULL || xnnpack->setup_softmax == NULL) {
    return fail_without_xnnpack("xnn_setup_softmax_nc_f32");
  }
  if (xnnpack->define_softmax == NULL) {
    return pass_on(xnnpack->setup_softmax, arguments);
  }
  const xnn_operator_t op = (xnn_operator_t) arguments[0];
  if (xnnpack->reshape_softmax != NULL) {
    return xnnx_setup_without_batch(xnnpack, op, (const float*) arguments[1], (float*) arguments[2]);
  }
  return xnnx_setup_with_batch(
      xnnpack, op, arguments[1], (const float*) arguments[2], (float*) arguments[3], (pthreadpool_t) arguments[4]);
}

enum xnn_status xnnx_call_delete(struct xnnx_xnnpack* xnnpack, xnn_operator_t op)
{
  if (xnnpack == NULL || xnnpack->delete_operator == NULL) {
    return fail_without_xnnpack("xnn_delete_operator");
  }
  xnnx_graph_softmax_delete(op);
  return xnnpack->delete_operator(op);
}

enum xnn_status xnnx_call_define(
    struct xnnx_xnnpack* xnnpack, xnn_subgraph_t subgraph, uint32_t input_id, uint32_t output_id, uint32_t flags)
{
  enum xnn_status status = xnn_status_success;
  const uint32_t other_flags = flags & ~XNNX_FLAG_XNNPACK_SOFTMAX;
  if (flags == other_flags) {
    status = xnnx_check_softmax_flags("xnnx_define_softmax", flags);
  } else if (other_flags != 0) {
    xnnx_set_last_error("xnnx_define_softmax: XNNX_FLAG_XNNPACK_SOFTMAX goes with no other flag (0x%08x)", other_flags);
    status = xnn_status_invalid_parameter;
  }
  if (status != xnn_status_success) {
    return status;
  }
  if (xnnpack == NULL || xnnpack->define_softmax == NULL) {
    return fail_without_xnnpack("xnnx_define_softmax");
  }
  status = xnnpack->define_softmax(subgraph, input_id, output_id, flags | XNNX_GRAPH_FLAG_MARKED);
  if (status != xnn_status_success) {
    xnnx_set_last_error(
        "xnnx_define_softmax: XNNPACK refuses input %u and output %u with its status %d", input_id, output_id, status);
  }
  return status;
}
