#!/usr/bin/env bash
# Is it faster than what I have, on my machine, at my sizes?
#
# usage: tools/compare-here.sh [ROWSxCHANNELS...]
#
# Without shapes: single rows from 8 to 2^26 elements, and some batches. A minute or two. Writes compare-here.csv and
# the picture compare-here.png (and .svg) into the current folder; a ratio in the CSV is a time divided by this
# library's.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"

if (($# != 0)); then
  shapes=$(IFS=,; echo "$*")
else
  shapes=64x128,512x32,16x1024,8192x4096
  for ((channels = 8; channels <= 1 << 26; channels *= 2)); do
    shapes+=,1x$channels
  done
fi

source tools/quiet-bazel.sh
quiet_bazel build -c opt //bench:compare
compare=$(bazel info -c opt bazel-bin 2>/dev/null)/bench/compare

"$compare" --shape="$shapes" --algorithm=none --seconds=1 --format=csv >"$here/compare-here.csv"
tools/plot-benchmarks.py peers "$here/compare-here.csv" --machine "$("$compare" --machine)" \
  --output "$here/compare-here"
