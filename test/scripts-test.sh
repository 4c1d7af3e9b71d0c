#!/bin/bash
# The scripts of tools/: what they say when something is wrong, at once and whole, and that they end.
set -uo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
failures=0

# expect STATUS PATTERN COMMAND...: the command ends within ten seconds, with that status and with output that has the pattern.
expect() {
  local status=$1 pattern=$2
  shift 2
  local output actual
  output=$(timeout 10 "$@" 2>&1 </dev/null | cat; exit "${PIPESTATUS[0]}")
  actual=$?
  if ((actual != status)) || ! grep --quiet -e "$pattern" <<<"$output"; then
    printf 'FAILED with status %s instead of %s, or without "%s": %s\n%s\n' "$actual" "$status" "$pattern" "$*" "$output"
    failures=$((failures + 1))
  fi
}

# A Bazel that like the real one leaves a server, with every file that it was started with, but for the first three.
mkdir "$folder/bin"
cat >"$folder/bin/bazel" <<'BAZEL'
#!/bin/bash
if [[ ! -e "$SERVER" ]]; then
  touch "$SERVER"
  sleep 60 </dev/null >/dev/null 2>&1 &
fi
if [[ "$1" == build ]]; then
  echo "ERROR: the last line" >&2
  exit 1
fi
BAZEL
chmod +x "$folder/bin/bazel"
export SERVER=$folder/server

expect 1 'ERROR: the last line' env PATH="$folder/bin:$PATH" bash -c "source '$root/tools/quiet-bazel.sh'; quiet_bazel build //..."

# Folders in which Bazel fails.
check="source '$root/tools/packages.sh'; check_folders"
mkdir "$folder/a b"
expect 1 'path has spaces: .*a b' env --chdir="$folder/a b" bash -c "$check"
expect 1 'HOME is not set' env --chdir="$folder" -u HOME bash -c "$check"
expect 1 '/proc/self/.cache, which cannot be written' env --chdir="$folder" HOME=/proc/self bash -c "$check"
expect 0 '' env --chdir="$folder" HOME="$folder" bash -c "$check"

# Nobody to ask for a password.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
  mkdir "$folder/home"
  chmod 777 "$folder" "$folder/home"
  mkdir --mode=555 "$folder/read-only"
  expect 1 "read-only: $folder/read-only" \
    env --chdir="$folder/read-only" setpriv --reuid=65534 --clear-groups bash -c "$(cat "$root/tools/packages.sh"); check_folders"
  expect 1 'As root, or with sudo .*apt-get install --no-install-recommends no-such-package' \
    env --chdir="$folder/home" HOME="$folder/home" setpriv --reuid=65534 --clear-groups \
    bash -c "$(cat "$root/tools/packages.sh"); install_missing no-such-package"
fi

for script in "$root"/tools/*.sh; do
  if [[ "$(head -n 1 "$script")" == '#!'* ]]; then
    expect 0 . "$script" --help
    if "$script" --help </dev/null 2>&1 | grep --quiet -e '^set ' -e 'unbound'; then
      printf 'FAILED: the help of %s has code in it\n' "$script"
      failures=$((failures + 1))
    fi
  fi
done
expect 2 'takes shapes, such as 64x1000: 64x' "$root/tools/compare-here.sh" 1x8 64x
expect 2 'takes no arguments: --fast' "$root/tools/demo.sh" --fast
expect 2 'takes a number of seconds: soon' "$root/tools/measure-performance.sh" soon
expect 2 'takes a folder and a number of seconds: here soon' "$root/tools/reproduce-paper.sh" here soon

# bazel-bin stays the ordinary build, whatever else is built: each other one has a suffix, and no links.
for config in sanitizer fuzz; do
  if ! grep --quiet "^build:$config .*--symlink_prefix=/" "$root/.bazelrc"; then
    printf 'FAILED: --config=%s leaves bazel-bin to itself\n' "$config"
    failures=$((failures + 1))
  fi
done

# Without other people's modules.
for tool in derive-constants generate-kernels plot-benchmarks train-digits tune; do
  expect 1 "needs Debian's packages python3-" /usr/bin/python3 -S "$root/tools/$tool.py" --help
done

exit "$((failures != 0))"
