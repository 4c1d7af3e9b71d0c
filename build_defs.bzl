"""Build rules: how kernels, the library and its tests are compiled."""

load("//:kernels.bzl", "ISAS", "KERNELS")

XNNX_WARNINGS = ["-Wall", "-Wextra", "-Werror"]

# Contraction would fuse multiplications and additions where the compiler likes, and so change results between
# compilers.
XNNX_COPTS = ["-std=c11", "-ffp-contract=off", "-D_GNU_SOURCE"] + XNNX_WARNINGS

XNNX_CXXOPTS = ["-std=c++17", "-ffp-contract=off"] + XNNX_WARNINGS

def _kernel_source(row):
    """The file that tools/generate-kernels.py writes for a row of KERNELS."""
    parts = [row["family"], row["isa"], row["algorithm"], "u%d" % row["tile"], "acc%d" % row["accumulators"]]
    stem = "-".join([part.replace("_", "-") for part in parts if part])
    return "src/%s/gen/%s.c" % (row["family"], stem)

def xnnx_kernel_libraries(name, hdrs):
    """A library of the kernels of each instruction set, with its flags and no others; `name` is all of them."""
    for isa in ISAS:
        native.cc_library(
            name = name + "_" + isa["name"],
            srcs = [_kernel_source(row) for row in KERNELS if row["isa"] == isa["name"]],
            hdrs = hdrs,
            copts = XNNX_COPTS + isa["copts"],
        )
    native.cc_library(
        name = name,
        hdrs = hdrs,
        visibility = ["//visibility:public"],
        deps = [name + "_" + isa["name"] for isa in ISAS],
    )
