#include "examples/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <xnnpack-softmax.h>

void fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fflush(stdout);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(EXIT_FAILURE);
}

void require_success(enum xnn_status status, const char* action) {
  if (status == xnn_status_success) {
    return;
  }
  const char* reason = xnnx_last_error();
  fail("%s failed with XNNPACK status %d%s%s", action, (int) status, reason[0] == '\0' ? "" : ": ", reason);
}
