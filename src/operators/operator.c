#include "src/xnnx/operator.h"

#include <stddef.h>

#include "src/operators/floating-point-environment.h"
#include "src/xnnx/error.h"

enum xnn_status xnnx_check_operator_type(
    const char* function_name, xnnx_operator_t op, const struct xnnx_operator_type* type)
{
  if (op == NULL) {
    xnnx_set_last_error("%s: op is NULL", function_name);
    return xnn_status_invalid_parameter;
  }
  if (op->type != type) {
    xnnx_set_last_error("%s: op is a %s operator instead of a %s operator", function_name, op->type->name, type->name);
    return xnn_status_invalid_parameter;
  }
  return xnn_status_success;
}

enum xnn_status xnnx_run_operator(xnnx_operator_t op, pthreadpool_t threadpool)
{
  if (op == NULL) {
    xnnx_set_last_error("xnnx_run_operator: op is NULL");
    return xnn_status_invalid_parameter;
  }
  if (op->state != xnnx_operator_ready) {
    xnnx_set_last_error("xnnx_run_operator: the %s operator was not set up since its last reshape", op->type->name);
    return xnn_status_invalid_state;
  }
  const xnnx_floating_point_environment callers = xnnx_enter_floating_point();
  op->type->run(op, threadpool);
  xnnx_leave_floating_point(callers);
  return xnn_status_success;
}

enum xnn_status xnnx_delete_operator(xnnx_operator_t op)
{
  if (op != NULL) {
    op->type->destroy(op);
  }
  return xnn_status_success;
}

const char* xnnx_describe_operator(xnnx_operator_t op)
{
  if (op == NULL) {
    return "no operator";
  }
  if (op->state == xnnx_operator_created) {
    return op->type->description_without_shape;
  }
  return op->type->describe(op);
}
