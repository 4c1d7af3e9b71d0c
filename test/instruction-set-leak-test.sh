#!/bin/bash
# The library runs on any x86-64: nothing but kernels is compiled for more, so no other object has an instruction in the
# encodings that came with AVX and AVX-512, and the AVX2 kernels have nothing of AVX-512.
# Usage: instruction-set-leak-test.sh LIBRARY...: static and shared libraries
set -euo pipefail

# Of AT&T syntax, behind the address: an instruction that begins with v, but for the old verr and verw; the operations
# on masks; and those on general registers that are encoded like vectors'.
mnemonic() {
  printf '^ *[0-9a-f]+:\t(\\{[a-z0-9]+\\} |[a-z0-9]+ )*(%s)( |$)' "$1"
}
general='andn[lq]?|bextr[lq]?|bls(i|r|msk)[lq]?|bzhi[lq]?|mulx[lq]?|p(dep|ext)[lq]?|rorx[lq]?|s(ar|hl|hr)x[lq]?'
new_encodings=$(mnemonic "v[a-z0-9]+|k[a-z]+[bwdq]|$general")
old_in_v=$(mnemonic 'ver[rw]')
avx512=$'%(zmm|k)[0-9]|%[xy]mm(1[6-9]|2[0-9]|3[01])'

failures=0
declare -A seen

fail() {
  printf 'FAILED: %s\n' "$1"
  failures=$((failures + 1))
}

# expect_none LIBRARY LINES WHAT
expect_none() {
  if [[ -n "$2" ]]; then
    fail "$(basename "$1") has $(wc -l <<<"$2") instructions of $3, such as"
    head -n 5 <<<"$2"
  fi
}

for library in "$@"; do
  code=$(objdump --disassemble --no-show-raw-insn "$library" | sed 's/ *#.*//; s/<.*>//')
  case $(basename "$library") in
    libkernels_avx512f.*)
      part=avx512f
      grep -qE '%zmm[0-9]' <<<"$code" || fail "$(basename "$library") has no vector of 512 bits"
      ;;
    libkernels_avx2.*)
      part=avx2
      grep -qE '%ymm[0-9]' <<<"$code" || fail "$(basename "$library") has no vector of 256 bits"
      expect_none "$library" "$(grep -E "$avx512" <<<"$code" || true)" AVX-512
      ;;
    *)
      part=rest
      grep -qE "$(mnemonic 'ret|retq')" <<<"$code" || fail "$(basename "$library") has no function"
      expect_none "$library" "$(grep -E "$new_encodings" <<<"$code" | grep -vE "$old_in_v" || true)" 'AVX or later'
      ;;
  esac
  seen[$part]=$((${seen[$part]:-0} + 1))
done

for part in avx512f avx2 rest; do
  [[ -n "${seen[$part]:-}" ]] || fail "nothing to look at for $part"
done
[[ "$failures" == 0 ]] || exit 1
printf 'PASSED: no instruction set leaks out of its kernels, in %d libraries\n' "$#"
