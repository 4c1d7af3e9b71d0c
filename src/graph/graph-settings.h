// What the environment says to the graph layer. Read once, at the first use.

#pragma once

#include <stdbool.h>

struct xnnx_graph_settings {
  bool disabled;   // XNNX_DISABLE=1: every softmax is XNNPACK's own
  bool verbose;    // XNNX_VERBOSE=1: one line to stderr when a softmax first runs in a new shape
  bool preloaded;  // this code was loaded by LD_PRELOAD: replace every softmax, not only the marked ones
};

const struct xnnx_graph_settings* xnnx_graph_settings(void);
