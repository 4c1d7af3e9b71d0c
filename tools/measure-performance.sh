#!/usr/bin/env bash
# The measurements of docs/performance.md, as the tables that stand there; about ten minutes on an idle machine.
#
# usage: tools/measure-performance.sh [--only=TABLE] [SECONDS_PER_SHAPE]
#
# TABLE: targets, values (masked and large ones), sizes, batches, avx2 or (what it costs).
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."
tables=(targets values sizes batches avx2)
if [[ "${1:-}" == --only=* ]]; then
  if [[ " ${tables[*]} " != *" ${1#--only=} "* ]]; then
    printf 'tools/measure-performance.sh has the tables %s: %s\n' "${tables[*]}" "$1" >&2
    exit 2
  fi
  tables=("${1#--only=}")
  shift
fi
seconds=${1:-1}
if (($# > 1)) || ! [[ "$seconds" =~ ^[0-9]+([.][0-9]+)?$ ]]; then
  printf 'tools/measure-performance.sh takes a number of seconds: %s\n' "$*" >&2
  exit 2
fi

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"
source tools/quiet-bazel.sh
quiet_bazel build -c opt //bench:compare
program=$(bazel info -c opt bazel-bin 2>/dev/null)/bench/compare
data=$(mktemp --directory)
trap 'rm -rf "$data"' EXIT

# compare NAME ARGUMENT...
compare() {
  local name=$1
  shift
  "$program" --algorithm=none --seconds="$seconds" --format=csv "$@" >"$data/$name.csv"
}

targets() {
  local shapes=64x128,512x32,16x1024,1x8192,1x50257,1x131072,1x1048576,1x4194304,1x33554432,8192x4096
  local run
  for run in 1 2 3; do
    compare "targets-$run" --shape="$shapes"
    compare "targets-threads-$run" --shape=1x131072,1x33554432,8192x4096 --threads=2
  done
  printf '\nThree runs\n\n'
  tools/performance-table.py "$data"/targets-*.csv
}

values() {
  compare values --shape=4096x10,64x128,64x1000,16x4096,1x131072,1x1048576,1x33554432 --values=all --peer=xnnpack
  printf '\nMasked and large values\n\n'
  tools/performance-table.py --by-values rows=-inf,rows=-1e9,offset=1e8,every-4th=lowest,mixed,masked-start \
    "$data/values.csv"
  printf '\nAll of them, with the time of ours and its range over processes\n\n'
  tools/performance-table.py --times "$data/values.csv"
}

sizes() {
  local classes=21841,32000,50257,128256,793471,2933659
  local shapes=1x${classes//,/,1x}
  local channels
  for ((channels = 8; channels <= 1 << 26; channels *= 2)); do
    shapes+=,1x$channels
  done
  compare sizes --shape="$shapes"
  printf '\nOne run, single rows\n\n'
  tools/performance-table.py "$data/sizes.csv"
}

batches() {
  compare batches --threads=1,2 \
    --shape=1000000x32,200000x128,100000x256,100000x300,32768x1000,8192x4096,4096x8192,512x50257,200x128256
  printf '\nOne run, batches that exceed the caches\n\n'
  tools/performance-table.py "$data/batches.csv"
}

avx2() {
  XNNX_MAX_ISA=avx2 compare avx2 --shape=64x128,16x1024,1x8192,1x131072
  printf '\nOne run, AVX2\n\n'
  tools/performance-table.py "$data/avx2.csv"
}

for table in "${tables[@]}"; do
  "$table"
done
