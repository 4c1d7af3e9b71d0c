#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test, as it is and under each sanitizer, and fuzzes for a
# minute; the last line says how many passed and failed, all together.
#
# usage: tools/test.sh [--quick] [ARGUMENT OF BAZEL...]
#
# On 2 cores this takes half an hour. With --quick as the first argument: the tests as they are and no more, 6 minutes.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

quick=false
if [[ "${1:-}" == --quick ]]; then
  quick=true
  shift
fi

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"

source tools/quiet-bazel.sh
status=0
events=$(mktemp --directory)
trap 'rm -rf "$events"' EXIT

# run_tests NAME ARGUMENT...: a run of Bazel, counted in the last line. A failure does not stop the runs that follow.
run_tests() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  quiet_bazel test --keep_going --build_event_json_file="$events/$name.json" "$@" || status=$?
}

run_tests plain "$@" //...
if ! $quick; then
  for sanitizer in asan ubsan tsan; do
    run_tests "$sanitizer" --config="$sanitizer" "$@" //...
  done
  install_missing "${FUZZ_PACKAGES[@]}"
  run_tests fuzz --config=fuzz "$@" //test/fuzz:fuzz-test
fi

/usr/bin/python3 tools/count-tests.py "$events"/*.json || status=1
exit "$status"
