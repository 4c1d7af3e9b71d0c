// What all operators share. Each kind has a struct of its own, whose first member is struct xnnx_operator.

#pragma once

#include <pthreadpool.h>
#include <xnnpack-softmax.h>

#ifdef __cplusplus
extern "C" {
#endif

enum xnnx_operator_state {
  xnnx_operator_created,
  xnnx_operator_reshaped,
  xnnx_operator_ready,
};

// What the public functions that take any operator do for one kind of them.
struct xnnx_operator_type {
  const char* name;  // as in "the softmax operator was not set up"
  const char* description_without_shape;
  // Runs an operator that is ready.
  void (*run)(xnnx_operator_t op, pthreadpool_t threadpool);
  // Describes an operator that has a shape, in the calling thread's buffer.
  const char* (*describe)(xnnx_operator_t op);
  // Frees the operator and all that it owns.
  void (*destroy)(xnnx_operator_t op);
};

struct xnnx_operator {
  const struct xnnx_operator_type* type;
  enum xnnx_operator_state state;
};

// xnn_status_invalid_parameter, and the error sentence in the name of `function_name`, for NULL and for other types.
enum xnn_status xnnx_check_operator_type(
    const char* function_name, xnnx_operator_t op, const struct xnnx_operator_type* type);

#ifdef __cplusplus
}  // extern "C"
#endif
