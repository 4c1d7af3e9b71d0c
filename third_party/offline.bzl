"""For workspaces that use this library where Bazel has no network."""

def offline_repositories(path):
    """Stand-ins for the repositories that Bazel 4 otherwise fetches itself, whatever it builds.

    Args:
      path: the folder of xnnpack-softmax.
    """
    for name in ["rules_cc", "rules_java", "remote_coverage_tools"]:
        native.local_repository(name = name, path = path + "/third_party/" + name)
