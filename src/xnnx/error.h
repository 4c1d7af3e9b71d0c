// The calling thread's last failure in words, as xnnx_last_error() returns it.

#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Formats like printf. Begin the sentence with the name of the public function that fails, and name the bad value.
__attribute__((format(printf, 1, 2))) void xnnx_set_last_error(const char* format, ...);

#ifdef __cplusplus
}  // extern "C"
#endif
