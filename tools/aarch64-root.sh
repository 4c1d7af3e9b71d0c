#!/usr/bin/env bash
# Makes what --config=aarch64 needs, once: Debian's cross-compiler and emulator, and a folder with the headers and
# libraries of AArch64, which are unpacked there and nowhere else. Debian's packages of XNNPACK and pthreadpool for two
# architectures do not go together. Needs the network, and root or sudo for packages that are missing.
#
# usage: tools/aarch64-root.sh
#
# Ends with 77 if that cannot be had, with a sentence that says why.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

if (($# != 0)); then
  printf 'aarch64-root.sh takes no arguments: %s\n' "$*" >&2
  exit 2
fi

cannot() {
  printf 'Nothing can be built for AArch64: %s.\n' "$1" >&2
  exit 77
}

source tools/packages.sh
install_missing "${AARCH64_PACKAGES[@]}" || cannot 'packages are missing'

# third_party/aarch64/root.bzl looks for it there.
root=${XDG_CACHE_HOME:-$HOME/.cache}/xnnpack-softmax/aarch64
codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
[[ -n "$codename" ]] || cannot 'this system has no name that packages could be had for'
include=$(IFS=, && printf '%s' "${AARCH64_ROOT_PACKAGES[*]}")
made_of="$codename $include"
if [[ "$(cat "$root/made-of" 2>/dev/null)" != "$made_of" ]]; then
  printf 'Making a folder of libraries of AArch64 in %s\n' "$root"
  mkdir --parents "$(dirname "$root")"
  rm -rf "$root.new"
  log=$(mktemp)
  if ! mmdebstrap --variant=extract --architectures=arm64 --include="$include" "$codename" "$root.new" >"$log" 2>&1; then
    cat "$log" >&2
    rm -rf "$log" "$root.new"
    cannot 'mmdebstrap failed; its output stands above'
  fi
  rm -f "$log"
  printf '%s\n' "$made_of" >"$root.new/made-of"
  rm -rf "$root"
  mv "$root.new" "$root"
fi
