#!/usr/bin/env bash
# Runs a command of this project on another release of Debian: in a root of it, which is made the first time and kept, with
# a copy of this folder. The root has what a new system has, and what earlier commands have installed. Needs to be root,
# and the network the first time. /tmp is this system's.
#
# usage: tools/debian-root.sh RELEASE COMMAND [ARGUMENT...]
#
# RELEASE is 12 or 13. Ends with 77 if there is no such root and none can be made, with a sentence that says why.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

declare -A CODENAMES=([12]=bookworm [13]=trixie)
release=${1:-}
if [[ -z "${CODENAMES[$release]:-}" ]] || (($# < 2)); then
  printf 'usage: tools/debian-root.sh RELEASE COMMAND [ARGUMENT...], where RELEASE is one of %s\n' "${!CODENAMES[*]}" >&2
  exit 2
fi
shift

cannot() {
  printf 'There is no root of Debian %s: %s.\n' "$release" "$1" >&2
  exit 77
}

if ((EUID != 0)); then
  cannot 'only root can make one and enter it'
fi
if ! unshare --mount --pid --fork true 2>/dev/null; then
  cannot 'this system does not let root mount anything'
fi

root=${XDG_CACHE_HOME:-$HOME/.cache}/xnnpack-softmax/debian-$release
if [[ ! -d "$root" ]]; then
  source tools/packages.sh
  install_missing mmdebstrap || cannot 'mmdebstrap, which makes them, is not installed'
  printf 'Making a root of Debian %s in %s\n' "$release" "$root"
  mkdir --parents "$(dirname "$root")"
  rm -rf "$root.new"
  log=$(mktemp)
  if ! mmdebstrap --variant=apt --include=ca-certificates "${CODENAMES[$release]}" "$root.new" >"$log" 2>&1; then
    cat "$log" >&2
    rm -rf "$log" "$root.new"
    cannot 'mmdebstrap failed; its output stands above'
  fi
  rm -f "$log"
  mv "$root.new" "$root"
fi

# A new folder takes the place of the last one's, so that nothing that this folder no longer has remains.
copy=$root/xnnpack-softmax
rm -rf "$copy"
mkdir "$copy"
tar --create --exclude=./.git --exclude='./bazel-*' . | tar --extract --directory="$copy"
cp --dereference /etc/resolv.conf /etc/hosts "$root/etc/"

# In a namespace of processes of its own, so that Bazel's server ends with the command.
# shellcheck disable=SC2016
exec unshare --mount --pid --fork --kill-child bash -c '
  set -e
  root=$1
  shift
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mount --bind /tmp "$root/tmp"
  exec chroot "$root" env --chdir=/xnnpack-softmax HOME=/root "$@"' bash "$root" "$@"
