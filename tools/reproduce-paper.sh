#!/usr/bin/env bash
# Measures again what "The Two-Pass Softmax Algorithm" (Dukhan and Ablavatski, 2020) measured, and draws it.
#
# usage: tools/reproduce-paper.sh [FOLDER] [SECONDS]
#
# FOLDER (docs/figures) receives the figures, the data that they are drawn from in data/, and paper.md: the paper's
# claims beside what was measured here. SECONDS (2): for each point of a curve; all together about SECONDS times two
# minutes, and at least ten minutes. With more than one thread, nothing else may run on the machine.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."
folder=${1:-docs/figures}
seconds=${2:-2}
if (($# > 2)) || [[ "$folder" == -* ]] || ! [[ "$seconds" =~ ^[0-9]+([.][0-9]+)?$ ]]; then
  printf 'tools/reproduce-paper.sh takes a folder and a number of seconds: %s\n' "$*" >&2
  exit 2
fi

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"
source tools/quiet-bazel.sh
quiet_bazel build -c opt //bench/...
bench=$(bazel info -c opt bazel-bin 2>/dev/null)/bench
machine=$("$bench/compare" --machine)
data=$folder/data
mkdir -p "$data"
# A figure that was interrupted leaves no half of its data behind.
unfinished=$(mktemp)
trap 'rm -f "$unfinished"' EXIT

lengths=1x8
for ((channels = 16; channels <= 1 << 26; channels *= 2)); do
  lengths+=,1x$channels
done
# What models and data sets use, and shapes between the caches.
batches=64x128,512x32,16x1024,8192x4096

# The algorithms, with the ordinary stores of the paper, and all together in one run.
compare() {
  local name=$1
  shift
  echo "measuring $name" >&2
  "$bench/compare" --seconds="$seconds" --format=csv "$@" >"$unfinished"
  cat "$unfinished" >"$data/$name.csv"  # not cp, which would keep mktemp's permissions
}
compare algorithms --shape="$lengths" --peer=none --isa=avx512f,avx2 --stores=ordinary
compare peers --shape="$lengths" --shape="$batches" --algorithm=none
threads=1
for ((count = 2; count <= $(nproc); count *= 2)); do
  threads+=,$count
done
if [[ $threads != 1 ]]; then
  # Shorter rows are computed by one thread in any case.
  long=$(tr , '\n' <<<"$lengths" | awk -Fx '$2 >= 4096' | paste -sd ,)
  compare threads --shape="$long" --algorithm=none --threads="$threads"
fi

# The passes of the default kernels, alone, in the nearest cache and beyond the last.
sizes='/(4096/warm|67108864/cold)$'
kernels=$(/usr/bin/python3 tools/generate-kernels.py --list | sed -n 's/  (default)$//p' | paste -sd '|')
passes() {
  local name=$1
  echo "measuring the passes: $name" >&2
  "$bench/$name" --benchmark_filter="$2" --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true \
    --benchmark_format=json 2>/dev/null >"$unfinished"
  # Without the context, which names the host and its paths.
  /usr/bin/python3 -c 'import json, sys
benchmarks = json.load(sys.stdin)["benchmarks"]
json.dump({"benchmarks": benchmarks}, sys.stdout, indent=1)' <"$unfinished" >"$data/$name.json"
}
passes bandwidth "$sizes"
for family in f32-rmax f32-raddexpminusmax f32-vscaleexpminusmax f32-raddstoreexpminusmax f32-vmulc f32-raddextexp \
  f32-vscaleextexp; do
  passes "$family" "^($kernels)$sizes"
done

plot() {
  local figure=$1
  local name=$2
  shift 2
  tools/plot-benchmarks.py "$figure" --machine "$machine" --output "$folder/$name" "$@"
}
plot algorithms algorithms "$data/algorithms.csv" --note "Ordinary stores."
plot passes passes "$data"/*.json
plot peers peers "$data/peers.csv"
[[ $threads == 1 ]] || plot threads threads "$data/threads.csv"
tools/paper-table.py "$data/algorithms.csv" --machine "$machine" | tee "$folder/paper.md"
