// XNNPACK graphs with a softmax that is XNNPACK's own or this library's, and are otherwise the same.

#pragma once

#include <stddef.h>

#include <xnnpack.h>

#include "examples/digits-data.h"

enum softmax_source {
  softmax_of_xnnpack,
  softmax_of_this_library,
};

// Every function ends the program with a sentence if it fails.

// Returns `elements` zeros, aligned to a cache line, which the caller frees with free.
float* allocate_tensor(size_t elements);

// input [rows, classes] -> softmax -> output [rows, classes]. Runs on one thread; the caller deletes the runtime.
xnn_runtime_t create_softmax_graph(
    enum softmax_source source, size_t rows, size_t classes, const float* input, float* output);

// pixels [count, digits_pixels] -> fully-connected -> softmax -> probabilities [count, digits_classes]; as above.
xnn_runtime_t create_digits_graph(
    enum softmax_source source,
    const struct digits_model* model,
    size_t count,
    const float* pixels,
    float* probabilities);

void run_graph(xnn_runtime_t graph);

// Runs a graph and fails unless its softmax came from `source`. A changed xnnx_describe_last_run is how it knows that
// this library's ran, so this thread's last softmax of this library, if any, must have had another shape.
void run_graph_and_check_source(xnn_runtime_t graph, enum softmax_source source);
