#include "src/xnnx/error.h"

#include <stdarg.h>
#include <stdio.h>

#include <xnnpack-softmax.h>

#include "src/xnnx/thread-local.h"

static XNNX_THREAD_LOCAL char last_error[256];

void xnnx_set_last_error(const char* format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last_error, sizeof(last_error), format, arguments);
  va_end(arguments);
}

const char* xnnx_last_error(void)
{
  return last_error;
}
