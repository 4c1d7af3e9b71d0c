// Which XNNPACK a program or library means, but for us.

#pragma once

#include <stdbool.h>

#include "src/graph/shared-xnnpack/loaded-objects.h"
#include "src/graph/xnnpack.h"

// The one that comes next in symbol order, which is that of the program and what it was linked with. Whether there is one,
// and a pthreadpool. Opens no library, which would initialize it. To be called when this library is loaded.
bool xnnx_find_next_xnnpack(struct xnnx_xnnpack* xnnpack);

// The one that `caller` calls without us. As for the loader, the program's comes first, then that of the library which
// dlopen brought the caller with; and where there is none, any. NULL: for code that no file has. Functions are NULL where
// there is none. Whether that may be remembered: the caller and what was found are not unloaded any more then.
bool xnnx_find_xnnpack_of(const struct xnnx_loaded_object* caller, struct xnnx_xnnpack* xnnpack);

// The same for a caller that is not to be held, and is not remembered.
void xnnx_find_xnnpack_once(const struct xnnx_loaded_object* caller, struct xnnx_xnnpack* xnnpack);

// True if this library comes before XNNPACK in symbol order, so that XNNPACK's graphs call ours.
bool xnnx_comes_before_xnnpack(void);

// True unless there are several copies of this library, such as one linked and one preloaded, and another one comes first.
bool xnnx_comes_before_other_copies(void);
