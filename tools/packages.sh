# The Debian packages that this project needs, how missing ones are installed, and what else a build needs. Sourced by the
# other scripts, in the project's folder.

# To build the library and the examples.
BUILD_PACKAGES=(
  bazel-bootstrap
  build-essential
  libcpuinfo-dev
  libpthreadpool-dev
  libxnnpack-dev
)

# To test, measure and generate as well.
DEVELOPMENT_PACKAGES=(
  "${BUILD_PACKAGES[@]}"
  cmake
  libbenchmark-dev
  libdnnl-dev
  libgtest-dev
  libmpfr-dev
  libssl-dev
  python3-matplotlib
  python3-mpmath
  python3-numpy
  python3-scipy
  python3-sklearn
  python3-tqdm
)

# To fuzz as well: Clang with libFuzzer and the sanitizers.
FUZZ_PACKAGES=(
  "${BUILD_PACKAGES[@]}"
  clang-19
  libclang-rt-19-dev
  libgtest-dev
)

# To build for AArch64 and test that in an emulator as well.
AARCH64_PACKAGES=(
  g++-aarch64-linux-gnu
  mmdebstrap
  qemu-user
)

# What the programs there are linked with: tools/aarch64-root.sh unpacks them.
AARCH64_ROOT_PACKAGES=(
  libc6-dev
  libcpuinfo-dev
  libgtest-dev
  libmpfr-dev
  libpthreadpool-dev
  libssl-dev
  libstdc++6
  libxnnpack-dev
)

# Fails, in a sentence, where Bazel would fail in many, minutes later.
check_folders() {
  local folder cache
  folder=$(pwd -P)
  # Where Bazel keeps what it builds. Without HOME it asks the system, which does not know every user's.
  cache=${HOME:-$(getent passwd "$EUID" | cut --delimiter=: --fields=6)}
  cache=${cache:-/tmp}/.cache/bazel/_bazel_${USER:-$(id --user --name 2>/dev/null)}
  if [[ "$folder" == *[[:space:]]* ]]; then
    printf 'Bazel does not build in a folder whose path has spaces: %s\n' "$folder" >&2
  elif [[ ! -w "$folder" ]]; then
    printf 'Bazel needs to write to this folder, which is read-only: %s\n' "$folder" >&2
  elif [[ "$cache" == *[[:space:]]* ]]; then
    printf 'Bazel keeps what it builds in %s, and does not work in a path that has spaces: set HOME to another.\n' \
      "$cache" >&2
  elif ! mkdir --parents "$cache" 2>/dev/null || [[ ! -w "$cache" ]]; then
    printf 'Bazel keeps what it builds in %s, which cannot be written: set HOME to a folder that can be.\n' "$cache" >&2
  else
    return 0
  fi
  return 1
}

# install_missing PACKAGE...: checks the folders, and installs what is missing, as root or with sudo, which may ask for a
# password on a terminal; or else says what to install, and fails.
install_missing() {
  check_folders || return 1
  local missing=()
  local package
  for package in "$@"; do
    if [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
      missing+=("$package")
    fi
  done
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  local as_root=()
  if ((EUID != 0)); then
    as_root=(sudo)
    if ! command -v sudo >/dev/null; then
      printf 'Packages are missing. Please run as root: apt-get update && apt-get install --no-install-recommends %s\n' \
        "${missing[*]}" >&2
      return 1
    fi
    # Without a password, or with one that sudo may ask for here.
    if ! sudo --non-interactive true 2>/dev/null && ! { [[ -t 0 && -t 2 ]] && sudo --validate; }; then
      printf 'Packages are missing. Please run: sudo apt-get update && sudo apt-get install --no-install-recommends %s\n' \
        "${missing[*]}" >&2
      return 1
    fi
  fi
  printf 'Installing %s\n' "${missing[*]}"
  local log
  log=$(mktemp)
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends)
  if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" "${install[@]}" "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    printf 'The installation failed; its output stands above.\n' >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
