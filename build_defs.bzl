"""Build rules: how kernels, the library and its tests are compiled."""

load("//:kernels.bzl", "ISAS", "KERNELS")

XNNX_WARNINGS = ["-Wall", "-Wextra", "-Werror"]

# The arithmetic is IEEE 754's, whatever a command line says for all targets. And contraction would fuse multiplications
# and additions where the compiler likes, and so change results between compilers.
_ARITHMETIC = ["-fno-fast-math", "-ffp-contract=off"]

# A build that asks for no optimisation, as one does without flags, means its own code.
_OPTIMISATION = select({
    "//:fastbuild": ["-O2"],
    "//conditions:default": [],
})

XNNX_COPTS = ["-std=c11", "-D_GNU_SOURCE"] + _ARITHMETIC + XNNX_WARNINGS + _OPTIMISATION

XNNX_CXXOPTS = ["-std=c++17"] + _ARITHMETIC + XNNX_WARNINGS

def _kernel_source(row):
    """The file that tools/generate-kernels.py writes for a row of KERNELS."""
    return "src/{family}/gen/{family}-{isa}-u{tile}-acc{accumulators}.c".format(**row)

def xnnx_on_architecture(isa, values):
    """`values` where the instruction set's architecture is what the build is for."""
    if not isa["architecture"]:
        return values
    return select({
        "//:" + isa["architecture"]: values,
        "//conditions:default": [],
    })

def xnnx_kernel_libraries(name, hdrs, tables):
    """A library of the kernels of each instruction set, with its flags and no others; `name` is all of them.

    Kernels do not have the `tables` of kernels: with each new row all of them would be compiled again.
    """
    for isa in ISAS:
        native.cc_library(
            name = name + "_" + isa["name"],
            srcs = xnnx_on_architecture(isa, [_kernel_source(row) for row in KERNELS if row["isa"] == isa["name"]]),
            hdrs = hdrs,
            copts = XNNX_COPTS + isa["copts"],
        )
    native.cc_library(
        name = name,
        hdrs = hdrs + tables,
        visibility = ["//visibility:public"],
        deps = [name + "_" + isa["name"] for isa in ISAS],
    )
