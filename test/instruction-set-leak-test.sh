#!/bin/bash
# The library runs on any x86-64: nothing but kernels is compiled for more, so no other object uses a vector register of
# AVX or AVX-512, and each instruction set's kernels use their own registers only.
# Usage: instruction-set-leak-test.sh LIBRARY...: static libraries
set -u

failures=0
declare -A checked

# expect_no_registers LIBRARY PATTERN
expect_no_registers() {
  local found
  found=$(objdump --disassemble --no-show-raw-insn "$1" | grep -m1 -E "%($2)[0-9]")
  if [ -n "$found" ]; then
    echo "FAILED: $(basename "$1") uses$found"
    failures=$((failures + 1))
  fi
}

for library in "$@"; do
  case $(basename "$library") in
    libkernels_avx512f.*) checked[avx512f]=1 ;;
    libkernels_avx2.*) checked[avx2]=1; expect_no_registers "$library" 'zmm|k' ;;
    *) checked[rest]=1; expect_no_registers "$library" 'zmm|ymm|k' ;;
  esac
done

# The pattern does find registers where there are some.
for library in "$@"; do
  if [[ $(basename "$library") == libkernels_avx512f.* ]]; then
    objdump --disassemble --no-show-raw-insn "$library" | grep -q -E '%zmm[0-9]' || failures=$((failures + 1))
  fi
done

if [ "$failures" -ne 0 ] || [ "${!checked[*]}" = "" ] || [ -z "${checked[rest]:-}" ]; then
  exit 1
fi
echo "PASSED: no instruction set leaks out of its kernels, $# libraries"
