# The Debian packages that this project needs, and how missing ones are installed. Sourced by the other scripts.

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
  libbenchmark-dev
  libdnnl-dev
  libgtest-dev
  libmpfr-dev
  python3-jinja2
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

# install_missing PACKAGE...: installs what is missing as root or with sudo, or else says what to install and fails.
install_missing() {
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
    if ! sudo --non-interactive true 2>/dev/null; then
      printf 'Packages are missing, and this is neither root nor allowed to use sudo. Please run:\n' >&2
      printf '  apt-get update && apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo --non-interactive)
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
