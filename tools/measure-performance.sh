#!/usr/bin/env bash
# The measurements of docs/performance.md, as the tables that stand there; about ten minutes on an idle machine.
#
# usage: tools/measure-performance.sh [SECONDS_PER_SHAPE]
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."
seconds=${1:-1}
if (($# > 1)) || ! [[ "$seconds" =~ ^[0-9]+([.][0-9]+)?$ ]]; then
  printf 'tools/measure-performance.sh takes a number of seconds: %s\n' "$*" >&2
  exit 2
fi

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"
source tools/quiet-bazel.sh
quiet_bazel build -c opt //bench:compare
compare=$(bazel info -c opt bazel-bin 2>/dev/null)/bench/compare
data=$(mktemp --directory)
trap 'rm -rf "$data"' EXIT

targets=64x128,512x32,16x1024,1x8192,1x50257,1x131072,1x1048576,1x4194304,1x33554432,8192x4096
for run in 1 2 3; do
  {
    "$compare" --shape="$targets" --algorithm=none --seconds="$seconds" --format=csv
    "$compare" --shape=1x131072,1x33554432,8192x4096 --threads=2 --algorithm=none --seconds="$seconds" --format=csv |
      tail -n +2
  } >"$data/targets-$run.csv"
done
printf '\nThree runs\n\n'
tools/performance-table.py "$data"/targets-*.csv

"$compare" --shape=4096x10,64x128,64x1000,16x4096,1x131072,1x1048576 --values=all --peer=xnnpack --algorithm=none \
  --seconds="$seconds" --format=csv >"$data/values.csv"
printf '\nMasked and large values\n\n'
tools/performance-table.py "$data/values.csv"

classes=21841,32000,50257,128256,793471,2933659
shapes=1x${classes//,/,1x}
for ((channels = 8; channels <= 1 << 26; channels *= 2)); do
  shapes+=,1x$channels
done
"$compare" --shape="$shapes" --algorithm=none --seconds="$seconds" --format=csv >"$data/sizes.csv"
printf '\nOne run, single rows\n\n'
tools/performance-table.py "$data/sizes.csv"

batches=1000000x32,200000x128,100000x256,100000x300,32768x1000,8192x4096,4096x8192,512x50257,200x128256
"$compare" --shape="$batches" --threads=1,2 --algorithm=none --seconds="$seconds" --format=csv >"$data/batches.csv"
printf '\nOne run, batches that exceed the caches\n\n'
tools/performance-table.py "$data/batches.csv"

XNNX_MAX_ISA=avx2 "$compare" --shape=64x128,16x1024,1x8192,1x131072 --algorithm=none --seconds="$seconds" --format=csv \
  >"$data/avx2.csv"
printf '\nOne run, AVX2\n\n'
tools/performance-table.py "$data/avx2.csv"

printf '\nWhat accuracy costs\n\n'
tools/numerics-cost.py
