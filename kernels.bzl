"""The list of instruction sets and kernels: the only place where a kernel is written down.

Pure literals: Bazel loads this file and tools/generate-kernels.py reads it. `generate-kernels.py --add` writes rows.
"""

# Best first: the dispatch takes the first one whose features are all present.
#   name          as in src/simd/<name>.h, file names, kernel names and XNNX_MAX_ISA
#   copts         compiler flags of this instruction set's kernels, and of nothing else
#   features      what the processor and the operating system must have, as __builtin_cpu_supports() names it
#   architecture  that has this instruction set: "x86_64" or "aarch64"; "" for all
ISAS = [
    {
        "name": "avx512f",
        "copts": ["-mavx512f"],
        "features": ["avx512f"],
        "architecture": "x86_64",
    },
    {
        "name": "avx2",
        "copts": ["-mavx2", "-mfma"],
        "features": ["avx2", "fma"],
        "architecture": "x86_64",
    },
    {
        "name": "neon",
        # GCC 12 keeps fewer vectors in memory if it schedules nothing before it assigns registers. Clang has no such
        # flag.
        "copts": ["-fno-schedule-insns", "-Wno-ignored-optimization-argument"],
        "features": [],
        "architecture": "aarch64",
    },
    {
        "name": "scalar",
        # GCC 12 drops the rounding to float between two operations where it makes vectors of two doubles.
        "copts": ["-fno-tree-slp-vectorize"],
        "features": [],
        "architecture": "",
    },
]

# One row a kernel. All kernels of a family give the same bits: docs/arithmetic.md.
#   tile          floats in one round of the main loop: a multiple of 32, at most 256
#   accumulators  independent running maxima, a divisor of tile / 32; 1 where there are none
#   default       the kernel that the dispatch takes; exactly one for each family and instruction set
KERNELS = [
    {"family": "f32-rmax", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "avx512f", "tile": 64, "accumulators": 2, "default": False},
    {"family": "f32-rmax", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "avx512f", "tile": 128, "accumulators": 4, "default": True},
    {"family": "f32-rmax", "isa": "avx512f", "tile": 256, "accumulators": 4, "default": False},
    {"family": "f32-rmax", "isa": "avx2", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "avx2", "tile": 64, "accumulators": 2, "default": False},
    {"family": "f32-rmax", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "avx2", "tile": 128, "accumulators": 4, "default": True},
    {"family": "f32-rmax", "isa": "avx2", "tile": 256, "accumulators": 4, "default": False},
    {"family": "f32-rmax", "isa": "neon", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "neon", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-rmax", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "scalar", "tile": 64, "accumulators": 2, "default": True},
    {"family": "f32-rmax", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-rmax", "isa": "scalar", "tile": 128, "accumulators": 4, "default": False},
    {"family": "f32-rmax", "isa": "scalar", "tile": 256, "accumulators": 4, "default": False},
    {"family": "f32-raddexpminusmax", "isa": "avx512f", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-raddexpminusmax", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-raddexpminusmax", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddexpminusmax", "isa": "avx2", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddexpminusmax", "isa": "avx2", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-raddexpminusmax", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddexpminusmax", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddexpminusmax", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddexpminusmax", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-raddexpminusmax", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vscaleexpminusmax", "isa": "avx512f", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-vscaleexpminusmax", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-vscaleexpminusmax", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vscaleexpminusmax", "isa": "avx2", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vscaleexpminusmax", "isa": "avx2", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-vscaleexpminusmax", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vscaleexpminusmax", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vscaleexpminusmax", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vscaleexpminusmax", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-vscaleexpminusmax", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddstoreexpminusmax", "isa": "avx512f", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-raddstoreexpminusmax", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-raddstoreexpminusmax", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddstoreexpminusmax", "isa": "avx2", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddstoreexpminusmax", "isa": "avx2", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-raddstoreexpminusmax", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddstoreexpminusmax", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddstoreexpminusmax", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddstoreexpminusmax", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-raddstoreexpminusmax", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vmulc", "isa": "avx512f", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-vmulc", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-vmulc", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": True},
    {"family": "f32-vmulc", "isa": "avx2", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-vmulc", "isa": "avx2", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-vmulc", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vmulc", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vmulc", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vmulc", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-vmulc", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddextexp", "isa": "avx512f", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-raddextexp", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-raddextexp", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddextexp", "isa": "avx2", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddextexp", "isa": "avx2", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-raddextexp", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-raddextexp", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddextexp", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-raddextexp", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-raddextexp", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vscaleextexp", "isa": "avx512f", "tile": 32, "accumulators": 1, "default": False},
    {"family": "f32-vscaleextexp", "isa": "avx512f", "tile": 64, "accumulators": 1, "default": True},
    {"family": "f32-vscaleextexp", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vscaleextexp", "isa": "avx2", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vscaleextexp", "isa": "avx2", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-vscaleextexp", "isa": "avx2", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-vscaleextexp", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vscaleextexp", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-vscaleextexp", "isa": "scalar", "tile": 64, "accumulators": 1, "default": False},
    {"family": "f32-vscaleextexp", "isa": "scalar", "tile": 128, "accumulators": 1, "default": False},
    {"family": "f32-softmaxrows", "isa": "avx512f", "tile": 128, "accumulators": 1, "default": True},
    {"family": "f32-softmaxrows", "isa": "avx2", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-softmaxrows", "isa": "neon", "tile": 32, "accumulators": 1, "default": True},
    {"family": "f32-softmaxrows", "isa": "scalar", "tile": 32, "accumulators": 1, "default": True},
]
