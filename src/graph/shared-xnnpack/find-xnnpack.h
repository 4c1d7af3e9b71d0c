// Which XNNPACK a program or library means, but for us.

#pragma once

#include <stdbool.h>

#include "src/graph/shared-xnnpack/loaded-objects.h"
#include "src/graph/xnnpack.h"

// The one that comes next in symbol order. Whether there is one, and a pthreadpool. Opens no library, which would initialize it.
bool xnnx_find_next_xnnpack(struct xnnx_xnnpack* xnnpack);

// The one that `caller` would call: where the program has one it is that, as for the loader; or else the one that the caller
// was linked with, or else any. NULL: for code that no file has. Functions are NULL where there is none. The caller is never
// unloaded then, nor is what it was linked with.
void xnnx_find_xnnpack_of(const struct xnnx_loaded_object* caller, struct xnnx_xnnpack* xnnpack);

// True if this library comes before XNNPACK in symbol order, so that XNNPACK's graphs call ours.
bool xnnx_comes_before_xnnpack(void);

// True unless there are several copies of this library, such as one linked and one preloaded, and another one comes first.
bool xnnx_comes_before_other_copies(void);
