#!/bin/sh
# usage: peer-library-test.sh COMPARE LIBRARY
set -eu
compare="$PWD/$1"
library="$PWD/$2"
SOFTMAX="$PWD"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "peer-library-test: $1" >&2
  exit 1
}

# build NAME: NAME.so of the C on standard input.
build() {
  gcc -shared -fPIC -I"$SOFTMAX" -I"$SOFTMAX/include" -x c - -o "$1.so"
}

# run ARGUMENT...: what compare says, on both outputs.
run() {
  "$compare" --seconds=0.01 --processes=1 --algorithm=none --shape=3x5 "$@" 2>&1
}

# The documented lines, with another build that is this one.
mkdir -p old/bazel-bin
cp "$library" old/bazel-bin/libxnnpack-softmax.so
OLD="$folder/old"
lines="$(sed -n '/^## Another library/,/^## The/p' "$SOFTMAX/docs/benchmarks.md" | sed -n '/^```sh$/,/^```$/p' | grep -v '^```')"
lines="$(printf '%s\n' "$lines" | sed "s#\"\$SOFTMAX/bazel-bin/bench/compare\"#'$compare' --seconds=0.01 --processes=1#")"
output="$(eval "$lines")"
[ "$(printf '%s\n' "$output" | grep -c '^old ')" = 2 ] || fail "no line for each shape of the old library: $output"
run --peer=none,./old.so >/dev/null && fail "none is taken for a name"

# It gets its own functions, whatever others the process has.
build own <<'SOURCE'
#include <math.h>
#include <stdio.h>
#include "bench/peer-library.h"
static struct xnnx_peer_task task;
void xnnx_run_operator(void)
{
  puts("its own function");
  for (size_t row = 0; row < task.rows; row++) {
    const float* x = task.input + row * task.channels;
    float sum = 0.0f;
    for (size_t i = 0; i < task.channels; i++) sum += expf(x[i]);
    for (size_t i = 0; i < task.channels; i++) task.output[row * task.channels + i] = expf(x[i]) / sum;
  }
}
void* xnnx_peer_create(const struct xnnx_peer_task* given, const char** reason)
{
  task = *given;
  return given->size == sizeof(task) && given->threads == 1 && given->threadpool == NULL ? &task : NULL;
}
void xnnx_peer_run(void* peer) { xnnx_run_operator(); }
void xnnx_peer_delete(void* peer) { puts("deleted"); }
SOURCE
echo '#include <stdio.h>
void xnnx_run_operator(void) { puts("not its own"); }' | build other
output="$(LD_PRELOAD=./other.so run --peer=./own.so)"
printf '%s\n' "$output" | grep -q '^own ' || fail "$output"
printf '%s\n' "$output" | grep -q '^its own function$' || fail "another function than its own: $output"
printf '%s\n' "$output" | grep -q '^deleted$' || fail "not deleted: $output"

build refusing <<'SOURCE'
#include "bench/peer-library.h"
void* xnnx_peer_create(const struct xnnx_peer_task* task, const char** reason) { *reason = "no odd channels"; return NULL; }
void xnnx_peer_run(void* peer) {}
void xnnx_peer_delete(void* peer) {}
SOURCE
output="$(run --peer=./refusing.so)" || fail "a peer that refuses: $output"
printf '%s\n' "$output" | grep -qx 'compare: skipped refusing: no odd channels' || fail "a peer that refuses: $output"

build idle <<'SOURCE'
#include "bench/peer-library.h"
void* xnnx_peer_create(const struct xnnx_peer_task* task, const char** reason) { return task->output; }
void xnnx_peer_run(void* peer) {}
void xnnx_peer_delete(void* peer) {}
SOURCE
output="$(run --peer=./idle.so)" && fail "a peer that computes nothing is measured"
printf '%s\n' "$output" | grep -q '^compare: idle computes ' || fail "a peer that computes nothing: $output"

echo 'int nothing;' | build incomplete
output="$(run --peer=./incomplete.so)" && fail "a peer without functions is measured"
printf '%s\n' "$output" | grep -qx 'compare: --peer: ./incomplete.so has no function xnnx_peer_create' || fail "$output"

output="$(run --peer=./missing.so)" && fail "a peer that is not there is measured"
printf '%s\n' "$output" | grep -q '^compare: --peer: ./missing.so: cannot open' || fail "$output"
