// Thread-local variables that no first access has to allocate: as a rule those of a library that dlopen() opened do.
// Room for such is scarce (glibc sets 512 bytes aside), so they are few and small.

#pragma once

#ifdef __cplusplus
#define XNNX_THREAD_LOCAL __thread __attribute__((tls_model("initial-exec")))
#else
#define XNNX_THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#endif
