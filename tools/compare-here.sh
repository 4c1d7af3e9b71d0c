#!/usr/bin/env bash
# Is it faster than what I have, on my machine, at my sizes?
#
# usage: tools/compare-here.sh [ROWSxCHANNELS...]
#
# Without shapes: single rows from 8 to 2^26 elements, and some batches. A minute or two. Prints a table of ratios, in
# which above 1 this library is faster, and the answer in a sentence. Writes compare-here.csv and the picture
# compare-here.png into the current folder, when all is measured.
set -euo pipefail
source "$(dirname "$0")/help.sh"
here=$PWD
cd "$(dirname "$0")/.."

for shape in "$@"; do
  if ! [[ "$shape" =~ ^[1-9][0-9]*x[1-9][0-9]*$ ]]; then
    printf 'tools/compare-here.sh takes shapes, such as 64x1000: %s\n' "$shape" >&2
    exit 2
  fi
done

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

unfinished=$(mktemp --directory)
trap 'rm -rf "$unfinished"' EXIT
"$compare" --shape="$shapes" --algorithm=none --seconds=1 --format=csv >"$unfinished/compare-here.csv"
tools/plot-benchmarks.py peers "$unfinished/compare-here.csv" --machine "$("$compare" --machine)" \
  --output "$unfinished/compare-here" >"$unfinished/drawn"
mv "$unfinished"/compare-here.* "$here"
printf '\nTime of the other divided by this library'"'"'s, on %s, one thread, warm:\n\n' "$("$compare" --machine)"
tools/performance-table.py "$here/compare-here.csv"
printf '\n'
tools/comparison-answer.py "$here/compare-here.csv"
printf 'Written: compare-here.csv and compare-here.png.\n'
