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

# Fails, in a sentence, where Bazel would fail in many, minutes later.
check_folders() {
  local cache=${HOME:-}/.cache
  if [[ "$PWD" == *[[:space:]]* ]]; then
    printf 'Bazel does not build in a folder whose path has spaces: %s\n' "$PWD" >&2
  elif [[ ! -w "$PWD" ]]; then
    printf 'Bazel needs to write to this folder, which is read-only: %s\n' "$PWD" >&2
  elif [[ -z "${HOME:-}" ]]; then
    printf 'Bazel keeps what it builds in $HOME/.cache, and HOME is not set.\n' >&2
  elif ! mkdir -p "$cache" 2>/dev/null || [[ ! -w "$cache" ]]; then
    printf 'Bazel keeps what it builds in %s, which cannot be written: set HOME to a folder that can.\n' "$cache" >&2
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
    if ! sudo --non-interactive true 2>/dev/null && ! { [[ -t 0 && -t 2 ]] && command -v sudo >/dev/null && sudo --validate; }; then
      printf 'Packages are missing. As root, or with sudo before each of the two, run: %s\n' \
        "apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
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
