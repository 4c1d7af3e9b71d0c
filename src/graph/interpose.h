// Whether the functions in interpose.c are called at all.

#pragma once

#include <stdbool.h>

// True if this library comes before XNNPACK in symbol order, so that XNNPACK's graphs call ours.
bool xnnx_graph_comes_before_xnnpack(void);
