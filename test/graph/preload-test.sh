#!/bin/bash
# Preloads our library into programs that know only XNNPACK.
# Usage: preload-test.sh PROGRAM LIBRARY PRIVATE_COPY_PROGRAM FORK_PROGRAM
set -u

program=$1
library=$(realpath "$2")
private_copy=$(realpath "$3")
forking=$(realpath "$4")
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
    END { exit !(NR == 445 && positive == 222 && wrong == 0) }' || fail "$1: results are too far from the plain run"
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
grep -q "^xnnpack-softmax: XNNX_DISABLE=1: XNNPACK's own softmax runs" "$temporary/disabled.err" || fail "disabled: nothing says so"
expect_same_as_plain disabled

# Ours cannot be created: the program works as without us, and one line says why.
run refused LD_PRELOAD="$library" XNNX_MAX_ISA=abacus
expect_one_line refused '^xnnpack-softmax: .*abacus'
expect_same_as_plain refused

run silent LD_PRELOAD="$library" XNNX_VERBOSE=0
expect_quiet silent
expect_close_to_plain silent

# Empty is not set.
run empty LD_PRELOAD="$library" XNNX_DISABLE= XNNX_VERBOSE= XNNX_MAX_ISA=
expect_quiet empty
expect_close_to_plain empty

run true LD_PRELOAD="$library" XNNX_DISABLE=true
expect_one_line true 'XNNX_DISABLE=true is neither 0 nor 1'
expect_same_as_plain true

# Behind a tracer, whose functions call what comes next.
gcc -shared -fPIC -D_GNU_SOURCE -x c - -o "$temporary/tracer.so" <<'SOURCE'
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
void pthreadpool_parallelize_1d(void* pool, void* task, void* context, size_t range, uint32_t flags)
{
  void (*next)(void*, void*, void*, size_t, uint32_t) = dlsym(RTLD_NEXT, "pthreadpool_parallelize_1d");
  next(pool, task, context, range, flags);
  __asm__ volatile("");
}
int xnn_delete_operator(void* op)
{
  int (*next)(void*) = dlsym(RTLD_NEXT, "xnn_delete_operator");
  const int status = next(op);
  __asm__ volatile("");
  return status;
}
SOURCE
run traced LD_PRELOAD="$temporary/tracer.so:$library"
expect_one_line traced "$ours"
expect_close_to_plain traced

# Plain C is slower than XNNPACK's own.
run scalar LD_PRELOAD="$library" XNNX_MAX_ISA=scalar
grep -q "XNNPACK's own softmax runs, because ours is slower" "$temporary/scalar.err" || fail "scalar: nothing says why"
expect_same_as_plain scalar

# Preloaded all the same: by the loader's own argument, and without LD_PRELOAD when the first operator is made.
plain_program=$program
program=$temporary/starter
printf '#!/bin/sh\nexec "$LOADER" --preload "%s" "%s"\n' "$library" "$(realpath "$plain_program")" >"$program"
chmod +x "$program"
# (A loader that runs as a program has allocations that LeakSanitizer takes for the program's leaks.)
run loader ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" LOADER="$(readlink -f /lib64/ld-linux-x86-64.so.2)"
expect_one_line loader "$ours"
printf '#!/bin/sh\nLD_PRELOAD="%s" exec "%s" unset\n' "$library" "$(realpath "$plain_program")" >"$program"
run unset
expect_one_line unset "$ours"
program=$plain_program

# What is not ours goes on as it came, its flags included.
# shellcheck disable=SC2086  # several flags
gcc ${SANITIZER_FLAGS:-} -x c - -o "$temporary/flags" -lpthreadpool <<'SOURCE'
#include <pthreadpool.h>
#include <xmmintrin.h>
static void note_mode(void* mode, size_t i)
{
  *(unsigned int*) mode = _mm_getcsr();
}
int main(void)
{
  const unsigned int flushes = 0x8040;
  unsigned int mode = 0;
  pthreadpool_parallelize_1d(NULL, note_mode, &mode, 1, PTHREADPOOL_FLAG_DISABLE_DENORMALS);
  return (mode & flushes) != flushes;
}
SOURCE
LD_PRELOAD="$library" "$temporary/flags" || fail "the flags of another task got lost"

# A private copy of XNNPACK, that no symbol of ours or Debian's may get in the way of: ours runs for it.
cp "$(ldd "$program" | awk '/libXNNPACK/ { print $3 }')" "$temporary/private.so"
output=$(XNNX_VERBOSE=1 LD_PRELOAD="$library" "$private_copy" "$temporary/private.so" 2>"$temporary/private.err")
[ "$output" = 'status 0: 0.0900 0.2447 0.6652' ] || fail "private copy: $output"
expect_one_line private '^xnnpack-softmax: softmax 1 x 3: '

# Where its symbols come first for it, XNNPACK's own runs, and a line says why. (Sanitizers do not allow that.)
if [ -z "${SANITIZER_FLAGS:-}" ]; then
  output=$(XNNX_VERBOSE=1 LD_PRELOAD="$library" "$private_copy" "$temporary/private.so" deepbind 2>"$temporary/deepbind.err")
  [ "$output" = 'status 0: 0.0900 0.2447 0.6652' ] || fail "deepbind: $output"
  expect_one_line deepbind '^xnnpack-softmax: no XNNPACK softmax of "private-copy" came by'
fi

# A child of a program whose threads allocate can hang in GCC 12's AddressSanitizer, whose allocator stays locked in it: 3 of
# 300 did that only called malloc and free.
case "${SANITIZER_FLAGS:-}" in
  *address*) ;;
  *)
    output=$(LD_PRELOAD="$library" "$forking")
    [ "$output" = '200 children ended' ] || fail "fork: $output"
    ;;
esac

if [ "$failures" -ne 0 ]; then
  exit 1
fi
echo "PASSED: plain, preloaded, by name, disabled, refused, silent, true, scalar, loader, unset, private copy, deepbind, fork"
