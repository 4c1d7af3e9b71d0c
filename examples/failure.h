// How the examples fail: one sentence on standard error, and exit status 1.

#pragma once

#include <xnnpack.h>

__attribute__((format(printf, 1, 2), noreturn)) void fail(const char* format, ...);

// Fails unless `status` is success; `action` says what was tried, such as "creating a subgraph".
void require_success(enum xnn_status status, const char* action);
