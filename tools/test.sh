#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test, as it is and under each sanitizer; the last line says
# how many passed and failed, all together. With --quick as the first argument, without the sanitizers. Other arguments
# go to Bazel.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=(asan ubsan tsan)
if [[ "${1:-}" == --quick ]]; then
  sanitizers=()
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
for sanitizer in "${sanitizers[@]}"; do
  run_tests "$sanitizer" --config="$sanitizer" "$@" //...
done

/usr/bin/python3 tools/count-tests.py "$events"/*.json || status=1
exit "$status"
