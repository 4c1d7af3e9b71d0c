#!/usr/bin/env bash
# Is it faster than what I have, on my machine, at my sizes?
#
# usage: tools/compare-here.sh [ROWSxCHANNELS...]
#
# Without shapes: single rows from 8 to 2^26 elements, and some batches. A minute or two; with shapes, a second or two
# for each. Prints a table of ratios, in which above 1 this library is faster, and the answer in a sentence. When all is
# measured, writes compare-here.csv and the picture compare-here.png into the current folder.
set -euo pipefail
source "$(dirname "$0")/help.sh"
here=$PWD
cd "$(dirname "$0")/.."

set -- "${@//×/x}"
for shape in "$@"; do
  if ! [[ "$shape" =~ ^[1-9][0-9]*x[1-9][0-9]*$ ]]; then
    printf 'tools/compare-here.sh takes shapes, such as 64x1000: %s\n' "$shape" >&2
    exit 2
  fi
done

source tools/packages.sh
# Before the results' folder, which is often the same.
check_folders

# In the same file system, so that each file is there at once and whole.
if ! unfinished=$(mktemp --directory "$here/.compare-here-XXXXXX" 2>/dev/null); then
  printf 'tools/compare-here.sh cannot write its results into %s\n' "$here" >&2
  exit 1
fi
trap 'rm -rf "$unfinished"' EXIT

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

machine=$("$compare" --machine)
csv=$unfinished/compare-here.csv
"$compare" --shape="$shapes" --algorithm=none --peer=xnnpack,onednn,upstream_like,limit --seconds=1 --format=csv >"$csv"
tools/plot-benchmarks.py peers "$csv" --machine "$machine" --output "$unfinished/compare-here" >"$unfinished/drawn"
printf '\n%s, one thread, warm. Times of the others are divided by ours.\n\n' "$machine"
tools/performance-table.py --times "$csv"
printf '\n'
tools/comparison-answer.py "$csv"
mv "$unfinished"/compare-here.* "$here"
printf 'Written: compare-here.csv and compare-here.png.\n'
