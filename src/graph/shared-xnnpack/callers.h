// Whose XNNPACK a call means: there may be several, such as a private copy in a plug-in.

#pragma once

#include <stdbool.h>

#include "src/graph/xnnpack.h"

// The XNNPACK that would be called from `return_address` without us: the one that the calling program or library was
// linked with, or else the next one after us in symbol order. Its functions are NULL where there is none. NULL: no
// memory to remember it. Takes no lock once a caller is known.
struct xnnx_xnnpack* xnnx_xnnpack_of_caller(const void* return_address);

// True if this library comes before XNNPACK in symbol order, so that XNNPACK's graphs call ours.
bool xnnx_comes_before_xnnpack(void);
