// Rows of floats out of a fuzzer's input.

#pragma once

#include <cstddef>
#include <vector>

#include "test/fuzz/byte-reader.h"

// Any float: any bit pattern, or one of those that softmax has to take care of.
float read_float(ByteReader* reader);

// `count` floats, of few bytes even if they are many: pseudo-random ones around an offset, or any floats that repeat;
// and in either case any floats at some positions.
std::vector<float> read_floats(ByteReader* reader, size_t count);
