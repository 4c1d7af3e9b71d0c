// What the environment says to the graph layer, read once, at the first use; and what the graph layer says.

#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xnnx_graph_settings {
  bool is_disabled;  // XNNX_DISABLE=1: every softmax is XNNPACK's own
  bool is_verbose;   // XNNX_VERBOSE=1
  char error[128];   // what is wrong with the environment, in a sentence; empty: nothing
};

const struct xnnx_graph_settings* xnnx_graph_settings(void);

// A line on standard error, formatted like printf, for who asked for it with XNNX_VERBOSE=1.
__attribute__((format(printf, 1, 2))) void xnnx_graph_say(const char* format, ...);

#ifdef __cplusplus
}  // extern "C"
#endif
