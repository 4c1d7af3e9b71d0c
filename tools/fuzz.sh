#!/usr/bin/env bash
# Builds fuzz targets with Clang's libFuzzer and its sanitizers of addresses and undefined behaviour, and runs each on its
# corpus and then for so many seconds on new inputs.
#
# usage: tools/fuzz.sh [--seconds=60] [kernels] [operator-values] [operator-life-cycle]
#
# Without names: all of them, at the same time.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

seconds=60
subjects=()
for argument in "$@"; do
  case "$argument" in
    --seconds=*) seconds=${argument#--seconds=} ;;
    -*)
      printf 'unknown option %s\n' "$argument" >&2
      exit 2
      ;;
    kernels | operator-values | operator-life-cycle) subjects+=("$argument") ;;
    *)
      printf 'unknown fuzz target %s\n' "$argument" >&2
      exit 2
      ;;
  esac
done
if ! [[ "$seconds" =~ ^[1-9][0-9]*$ ]]; then
  printf -- '--seconds=%s is no number of seconds\n' "$seconds" >&2
  exit 2
fi
if ((${#subjects[@]} == 0)); then
  subjects=(kernels operator-values operator-life-cycle)
fi

source tools/packages.sh
install_missing "${FUZZ_PACKAGES[@]}"

source tools/quiet-bazel.sh
quiet_bazel build --config=fuzz "${subjects[@]/#///test/fuzz:fuzz-}"
programs=$(bazel info --config=fuzz bazel-bin 2>/dev/null)/test/fuzz
exec test/fuzz/run-fuzzers.sh "$seconds" "${subjects[@]/#/$programs/fuzz-}"
