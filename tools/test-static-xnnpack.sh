#!/usr/bin/env bash
# Tests the graph layer with a static XNNPACK, which it builds first if there is none yet. Where it can be built:
# tools/build-static-xnnpack.sh. Arguments go to Bazel.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"
library=$(tools/build-static-xnnpack.sh)
source tools/quiet-bazel.sh
quiet_bazel test --test_env=XNNPACK_LIBRARY="$library" --linkopt="$library" --linkopt=-lpthreadpool --linkopt=-lcpuinfo \
  "$@" //test/graph:static-xnnpack-tests
