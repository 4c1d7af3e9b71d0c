#!/usr/bin/env bash
# Installs what is missing, builds, and classifies real handwritten digits in an XNNPACK graph, with stock softmax and
# ours.
set -euo pipefail
cd "$(dirname "$0")/.."

source tools/packages.sh
install_missing "${BUILD_PACKAGES[@]}"

echo "Building"
source tools/quiet-bazel.sh
quiet_bazel build //examples:digits
bazel-bin/examples/digits examples/data
