#!/usr/bin/env bash
# Builds a static XNNPACK, which Debian does not package, and prints its path: from Debian's source and Debian's static
# library of its microkernels (Debian 13 has them), the first time. Then it is kept. Takes no arguments; needs to be root.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

source tools/packages.sh
install_missing "${BUILD_PACKAGES[@]}" >&2

microkernels=/usr/lib/$(dpkg-architecture --query DEB_HOST_MULTIARCH)/libmicrokernels-prod.a
if [[ ! -f "$microkernels" ]]; then
  printf 'libxnnpack-dev of this release has no microkernels to link: %s\n' "$microkernels" >&2
  exit 1
fi
install_missing ca-certificates libfp16-dev libfxdiv-dev xz-utils >&2

folder=${XDG_CACHE_HOME:-$HOME/.cache}/xnnpack-softmax/static-xnnpack
library=$folder/libXNNPACK.a
if [[ ! -f "$library" ]]; then
  new=$folder.new
  rm -rf "$new"
  mkdir --parents "$new/lists" "$new/source" "$new/objects"
  cd "$new"

  # Lists of their own: which packages this system knows stays as it is.
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  printf 'deb-src http://deb.debian.org/debian %s main\n' "$codename" >sources.list
  sources=(-o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$PWD/lists"
    -o APT::Sandbox::User=root)
  apt-get "${sources[@]}" update >&2
  apt-get "${sources[@]}" source --download-only --tar-only xnnpack >&2

  cd source
  tar --extract --file ../xnnpack_*.orig.tar.*
  # As Debian configures it. A softmax graph needs no more: the rest is microkernels.
  options=(-O1 -fPIC -w -Iinclude -Isrc -DXNN_LOG_LEVEL=0 -DXNN_ENABLE_CPUINFO=1 -DXNN_ENABLE_MEMOPT=1
    -DXNN_ENABLE_SPARSE=1 -DXNN_ENABLE_ASSEMBLY=1 -DXNN_ENABLE_GEMM_M_SPECIALIZATION=1 -DXNN_ENABLE_DWCONV_MULTIPASS=0
    -DXNN_ENABLE_AVX512F=1 -DXNN_ENABLE_AVX512SKX=1)
  printf '%s\n' src/*.c src/{configs,enums,operators,subgraph}/*.c src/reference/*.cc |
    xargs --max-procs="$(nproc)" --replace=FILE sh -c '
      object=$(printf %s "$1" | tr / -).o
      shift
      exec gcc "$@" -o "../objects/$object"' sh FILE "${options[@]}" -c FILE
  cd ..
  { printf 'create libXNNPACK.a\naddlib %s\n' "$microkernels" && printf 'addmod %s\n' objects/*.o && echo save; } | ar -M
  rm -rf source lists objects xnnpack_*
  rm -rf "$folder"
  mv "$new" "$folder"
fi
printf '%s\n' "$library"
