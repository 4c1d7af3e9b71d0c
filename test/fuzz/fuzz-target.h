// What every fuzz target defines: the name and the type are those that libFuzzer calls.

#pragma once

#include <cstddef>
#include <cstdint>

// Runs one input; whatever is wrong fails a GoogleTest assertion, or crashes. 0, always.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t byte_count);
