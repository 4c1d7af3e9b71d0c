// Row lengths of the microbenchmarks: 8 to 2^26, in steps that put at least one into each cache.

#pragma once

#include <cstddef>

namespace xnnx_bench {

constexpr size_t kSizes[] = {
    8,
    64,
    512,
    size_t{1} << 12,
    size_t{1} << 15,
    size_t{1} << 17,
    size_t{1} << 19,
    size_t{1} << 21,
    size_t{1} << 22,
    size_t{1} << 23,
    size_t{1} << 24,
    size_t{1} << 26,
};

}  // namespace xnnx_bench
