// The softmax of other libraries, on the same batches. Each throws std::runtime_error where the library fails.

#pragma once

#include "test/accuracy/batch.h"

namespace xnnx_accuracy {

// XNNPACK's own operator, from the packaged library.
void run_xnnpack_softmax(const Batch& batch);

// oneDNN's softmax primitive.
void run_onednn_softmax(const Batch& batch);

}  // namespace xnnx_accuracy
