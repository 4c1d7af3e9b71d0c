#!/usr/bin/env bash
# Installs the Debian packages that are missing, as root or with sudo. The other scripts do so as well.
#
# usage: tools/install-packages.sh [build|development]
#
# build (the default): what building the library and the examples needs. development: what testing, measuring and generating
# kernels need as well.
set -euo pipefail
source "$(dirname "$0")/help.sh"
cd "$(dirname "$0")/.."

source tools/packages.sh
case "${1:-build}" in
  build) install_missing "${BUILD_PACKAGES[@]}" ;;
  development) install_missing "${DEVELOPMENT_PACKAGES[@]}" ;;
  *)
    printf 'tools/install-packages.sh takes build or development: %s\n' "$*" >&2
    exit 2
    ;;
esac
