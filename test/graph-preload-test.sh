#!/bin/bash
# Preloads our library into a program that knows only XNNPACK.
# Usage: graph-preload-test.sh PROGRAM LIBRARY
set -u

program=$1
library=$(realpath "$2")
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
failures=0

# run NAME [VARIABLE=VALUE]...: runs the program; its output goes to NAME.out, its errors to NAME.err.
run() {
  local name=$1
  shift
  if ! env XNNX_VERBOSE=1 "$@" "$program" >"$temporary/$name.out" 2>"$temporary/$name.err"; then
    fail "$name: the program failed"
  fi
}

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

expect_quiet() {
  if [ -s "$temporary/$1.err" ]; then
    fail "$1: unexpected on stderr: $(cat "$temporary/$1.err")"
  fi
}

# Exactly one line on stderr, which matches the pattern.
expect_one_line() {
  if [ "$(wc -l <"$temporary/$1.err")" -ne 1 ] || ! grep -q "$2" "$temporary/$1.err"; then
    fail "$1: expected one line '$2' on stderr, not: $(cat "$temporary/$1.err")"
  fi
}

expect_same_as_plain() {
  cmp -s "$temporary/plain.out" "$temporary/$1.out" || fail "$1: results differ from the plain run"
}

# Softmax within 3e-6 relative of the plain run, everything else bit for bit.
expect_close_to_plain() {
  paste -d ' ' "$temporary/plain.out" "$temporary/$1.out" | awk '
    function magnitude(x) { return x < 0 ? -x : x }
    $1 != $3 { wrong++ }
    $1 != "softmax" && $2 != $4 { wrong++ }
    $1 == "softmax" && !(magnitude($2 - $4) <= 3e-6 * magnitude($2)) { wrong++ }
    $1 == "softmax" && $2 > 0 { positive++ }
    END { exit !(NR == 444 && positive == 222 && wrong == 0) }' || fail "$1: results are too far from the plain run"
}

run plain
expect_quiet plain

ours='^xnnpack-softmax: softmax 6 x 37: '
run preloaded LD_PRELOAD="$library"
expect_one_line preloaded "$ours"
expect_close_to_plain preloaded

# Found by name on the library path, as the second of two.
run by-name LD_LIBRARY_PATH="$(dirname "$library")" LD_PRELOAD="libm.so.6:$(basename "$library")"
expect_one_line by-name "$ours"
expect_close_to_plain by-name

run disabled LD_PRELOAD="$library" XNNX_DISABLE=1
expect_quiet disabled
expect_same_as_plain disabled

# Ours cannot be created: the program works as without us, and one line says why.
run refused LD_PRELOAD="$library" XNNX_MAX_ISA=abacus
expect_one_line refused '^xnnpack-softmax: .*abacus'
expect_same_as_plain refused

run silent LD_PRELOAD="$library" XNNX_VERBOSE=0
expect_quiet silent
expect_close_to_plain silent

if [ "$failures" -ne 0 ]; then
  exit 1
fi
echo "PASSED: plain, preloaded, by name, disabled, refused, silent"
