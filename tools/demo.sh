#!/usr/bin/env bash
# Installs what is missing, builds, and classifies real handwritten digits in an XNNPACK graph, with stock softmax and
# ours. Takes no arguments; a minute or two the first time.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."
if (($# != 0)); then
  printf 'tools/demo.sh takes no arguments: %s\n' "$*" >&2
  exit 2
fi

source tools/packages.sh
install_missing "${BUILD_PACKAGES[@]}"

source tools/quiet-bazel.sh
quiet_bazel build //examples:digits
bazel-bin/examples/digits examples/data
