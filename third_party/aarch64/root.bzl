"""Where tools/aarch64-root.sh puts the headers and libraries of AArch64."""

def _aarch64_root_impl(context):
    environ = context.os.environ
    cache = environ.get("XDG_CACHE_HOME") or environ.get("HOME", "/root") + "/.cache"
    context.file("BUILD.bazel")
    context.file("path.bzl", "AARCH64_ROOT = \"{}/xnnpack-softmax/aarch64\"\n".format(cache))

# A repository that knows the path alone: it is there where the root is not.
aarch64_root = repository_rule(
    implementation = _aarch64_root_impl,
    environ = [
        "HOME",
        "XDG_CACHE_HOME",
    ],
    local = True,
)
