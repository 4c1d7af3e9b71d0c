#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test, as it is, under each sanitizer, on the other release of
# Debian (12 or 13) and with a static XNNPACK, the most telling ones on an emulated AArch64, and fuzzes for a minute; the
# last line says how many passed and failed, all together.
#
# usage: tools/test.sh [--quick] [ARGUMENT OF BAZEL...]
#
# On 2 cores this takes up to an hour. With --quick as the first argument: the tests as they are and no more,
# 6 minutes. The other release is a root that tools/debian-root.sh makes, for which one must be root; where there is none,
# its tests are counted as skipped, which is a failure if CI=true. So it is with AArch64 where its packages cannot be had.
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
skipped=0
# In /tmp, which the other release's root shares. Given where this run is a part of another, which counts.
events=${XNNX_TEST_EVENTS:-}
if [[ -z "$events" ]]; then
  events=$(mktemp --directory --tmpdir=/tmp)
  trap 'rm -rf "$events"' EXIT
fi

# run_tests NAME ARGUMENT...: a run of Bazel, counted in the last line. A failure does not stop the runs that follow.
run_tests() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  quiet_bazel test --keep_going --build_event_json_file="$events/$name.json" "$@" || status=$?
  tools/show-hashes.py "$events/$name.json"
}

# run_elsewhere NAME COMMAND...: the same by a command that ends with 77 where it cannot run them.
run_elsewhere() {
  local name=$1 result=0
  shift
  printf '\n== %s\n' "$name"
  "$@" || result=$?
  if ((result == 77)); then
    printf 'Skipped: %s\n' "$name"
    skipped=$((skipped + 1))
    if [[ "${CI:-}" == true ]]; then
      status=1
    fi
  elif ((result != 0)); then
    status=$result
  fi
}

# run_on_debian RELEASE NAME COMMAND...: on that release.
run_on_debian() {
  local release=$1 name=$2
  shift 2
  if [[ "$system" == "debian-$release" ]]; then
    run_elsewhere "$name" "$@"
  else
    run_elsewhere "$name" tools/debian-root.sh "$release" "$@"
  fi
}

# What tells most in little time: each function, each kernel, each bit; and the operator's values, places and environment
# by the algorithm that it chooses.
test_on_aarch64() {
  tools/aarch64-root.sh || return
  local result=0
  quiet_bazel test --config=aarch64 --keep_going --build_event_json_file="$events/aarch64.json" "$@" \
    //test:kernel-test //test:operator-errors-test //test:reference-test //test:same-bits-test \
    //test:softmax-algorithm-test //test:softmax-description-test //test:softmax-plan-test //test:sums-test \
    //test:vocabulary-test //test/accuracy:exp-core-test //test/same-bits:hashes-test || result=$?
  tools/show-hashes.py "$events/aarch64.json"
  quiet_bazel test --config=aarch64 --keep_going --build_event_json_file="$events/aarch64-auto.json" "$@" \
    --test_filter='*_auto' //test:floating-point-environment-test //test:operator-layout-test \
    //test:operator-values-test || result=$?
  return "$result"
}

run_tests plain "$@" //...
if ! $quick; then
  for sanitizer in asan ubsan tsan; do
    run_tests "$sanitizer" --config="$sanitizer" "$@" //...
  done
  install_missing "${FUZZ_PACKAGES[@]}"
  run_tests fuzz --config=fuzz "$@" //test/fuzz:fuzz-test

  run_elsewhere aarch64 test_on_aarch64 "$@"

  system=$(. /etc/os-release && printf '%s-%s' "$ID" "${VERSION_ID:-}")
  for release in 12 13; do
    if [[ "$system" != "debian-$release" ]]; then
      mkdir "$events/debian-$release"
      run_on_debian "$release" "debian-$release" env XNNX_TEST_EVENTS="$events/debian-$release" \
        tools/test.sh --quick --test_env=ONE_ODD_SHAPE=1 "$@"
    fi
  done
  # Debian 12 has no microkernels to build one of.
  run_on_debian 13 static-xnnpack tools/test-static-xnnpack.sh --build_event_json_file="$events/static-xnnpack.json" "$@"
fi

if [[ -z "${XNNX_TEST_EVENTS:-}" ]]; then
  mapfile -t files < <(find "$events" -name '*.json')
  /usr/bin/python3 tools/count-tests.py --skipped="$skipped" "${files[@]}" || status=1
fi
exit "$status"
