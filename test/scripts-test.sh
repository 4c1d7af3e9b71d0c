#!/bin/bash
# The scripts of tools/: what they say when something is wrong, at once and whole, and that they end.
set -uo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")
folder=$(mktemp --directory)
export SERVER=$folder/server
trap 'kill "$(cat "$SERVER")"; rm -rf "$folder"' EXIT
chmod 755 "$folder"
failures=0

fail() {
  printf 'FAILED: %s\n' "$1"
  failures=$((failures + 1))
}

# run COMMAND...: leaves what the command prints in $output, and its status in $status; 124 unless it ends within ten
# seconds, and lets go of what it prints to.
run() {
  status=0
  output=$(timeout 10 bash -c '"$@" </dev/null 2>&1 | cat; exit "${PIPESTATUS[0]}"' bash "$@") || status=$?
}

# expect STATUS PATTERN COMMAND...: the command ends with that status and with output that has the pattern.
expect() {
  local expected=$1 pattern=$2
  shift 2
  run "$@"
  if ((status != expected)) || ! grep --quiet -e "$pattern" <<<"$output"; then
    fail "status $status instead of $expected, or without \"$pattern\": $*"$'\n'"$output"
  fi
}

# A Bazel that like the real one leaves a server, with every file that it was started with, but for the first three.
mkdir "$folder/bazel"
cat >"$folder/bazel/bazel" <<'BAZEL'
#!/bin/bash
if [[ ! -e "$SERVER" ]]; then
  echo "Starting the server" >&2
  sleep 60 </dev/null >/dev/null 2>&1 &
  echo "$!" >"$SERVER"
fi
for chatter in --noshow_progress --show_result=0; do
  [[ " $* " == *" $chatter "* ]] || echo "chatter without $chatter" >&2
done
if [[ "$1" == build ]]; then
  echo "ERROR: the last line" >&2
  exit 1
fi
BAZEL
chmod +x "$folder/bazel/bazel"

# Whatever the caller has open, and from the first line on.
bazel="source '$root/tools/quiet-bazel.sh'; quiet_bazel build //..."
expect 1 'Starting the server' env PATH="$folder/bazel:$PATH" bash -c "$bazel 2> >(cat >&2)"
expect 1 'ERROR: the last line' env PATH="$folder/bazel:$PATH" bash -c "$bazel"
[[ "$output" == $'Building\nERROR: the last line' ]] || fail "through a pipe Bazel says: $output"
# On a terminal its progress stays.
expect 1 'chatter without --noshow_progress' env PATH="$folder/bazel:$PATH" SHELL=/bin/bash BUILD="$bazel" \
  script --quiet --return --command 'bash -c "$BUILD"' /dev/null

# Folders in which Bazel fails.
check="source '$root/tools/packages.sh'; check_folders"
mkdir "$folder/a b" "$folder/home"
ln -s "$folder/a b" "$folder/link"
cat >"$folder/bazel/getent" <<'GETENT'
#!/bin/bash
echo "somebody:x:1000:1000::$SYSTEM_HOME:/bin/sh"
GETENT
chmod +x "$folder/bazel/getent"
without_home=(env --chdir="$folder" -u HOME PATH="$folder/bazel:$PATH")
expect 1 'path has spaces: .*a b' env --chdir="$folder/a b" bash -c "$check"
expect 1 'path has spaces: .*a b' bash -c "cd '$folder/link'; $check"
expect 1 'a b/.cache/bazel/.*, and does not work in a path that has spaces' \
  env --chdir="$folder" HOME="$folder/a b" bash -c "$check"
expect 1 '/proc/self/.cache/bazel/.*, which cannot be written' env --chdir="$folder" HOME=/proc/self bash -c "$check"
expect 1 '/proc/self/.cache/bazel/.*, which cannot be written' "${without_home[@]}" SYSTEM_HOME=/proc/self bash -c "$check"
expect 0 '' "${without_home[@]}" SYSTEM_HOME="$folder/home" bash -c "$check"
expect 0 '' env --chdir="$folder" HOME="$folder/home" bash -c "$check"

# What somebody who is not root is told. The text, since not everybody may read the file.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
  chmod -R 777 "$folder/home"
  mkdir --mode=555 "$folder/read-only"
  mkdir --parents --mode=755 "$folder/of-root/.cache/bazel"
  PACKAGES=$(cat "$root/tools/packages.sh")
  export PACKAGES
  as_nobody=(setpriv --reuid=65534 --clear-groups env --chdir="$folder/home" HOME="$folder/home" USER=nobody)
  expect 1 "read-only: $folder/read-only" "${as_nobody[@]}" \
    bash -c "eval \"\$PACKAGES\"; cd '$folder/read-only'; check_folders"
  expect 1 "$folder/of-root/.cache/bazel/_bazel_nobody, which cannot be written" \
    "${as_nobody[@]}" HOME="$folder/of-root" bash -c 'eval "$PACKAGES"; check_folders'

  # A sudo that asks for a password on the terminal.
  mkdir "$folder/sudo" "$folder/no-sudo"
  cat >"$folder/sudo/sudo" <<'SUDO'
#!/bin/bash
case "$1" in
  --non-interactive) exit 1 ;;
  --validate)
    read -r -p "Password: " password </dev/tty
    [[ "$password" == secret ]]
    ;;
  *) "$@" ;;
esac
SUDO
  printf '#!/bin/bash\necho "$*" >>"%s"\n' "$folder/home/apt-get.log" >"$folder/sudo/apt-get"
  chmod +x "$folder/sudo/"*
  for command in bash cut dpkg-query env getent id mkdir; do
    ln -s "$(command -v "$command")" "$folder/no-sudo"
  done
  install='eval "$PACKAGES"; install_missing no-such-package'
  with_sudo=("${as_nobody[@]}" PATH="$folder/sudo:$PATH" SHELL=/bin/bash INSTALL="$install")
  command='apt-get install --no-install-recommends no-such-package$'
  expect 1 "run: sudo apt-get update && sudo $command" "${with_sudo[@]}" bash -c "$install"
  expect 1 "run as root: apt-get update && $command" "${as_nobody[@]}" PATH="$folder/no-sudo" bash -c "$install"
  # On a terminal.
  terminal='printf "%s\n" "$0" | script --quiet --return --command '\''bash -c "$INSTALL"'\'' /dev/null'
  expect 1 "run: sudo apt-get update && sudo ${command%$}" "${with_sudo[@]}" bash -c "$terminal" wrong
  expect 0 'Installing no-such-package' "${with_sudo[@]}" bash -c "$terminal" secret
  grep --quiet "install .*no-such-package" "$folder/home/apt-get.log" || fail "apt-get did not run"
fi

for script in "$root"/tools/*.sh; do
  if [[ "$(head -n 1 "$script")" == '#!'* ]]; then
    expect 0 . "$script" --help
    ! grep --quiet -e '^set ' -e 'unbound' <<<"$output" || fail "the help of $script has code in it"
    help=$output
    expect 0 . "$script" -h
    [[ "$output" == "$help" ]] || fail "$script -h says something else than --help: $output"
  fi
done
expect 2 'takes shapes, such as 64x1000: 64x' "$root/tools/compare-here.sh" 1x8 64x
expect 2 'takes shapes, such as 64x1000: 64x$' "$root/tools/compare-here.sh" 64×128 64×
# In a checkout that is read-only.
if unshare --mount true 2>/dev/null; then
  read_only=(unshare --mount bash -c 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && "$@"' "$root")
  expect 1 "^Bazel needs to write to this folder, which is read-only: $root\$" "${read_only[@]}" tools/compare-here.sh
  [[ "$output" != *$'\n'* ]] || fail "compare-here.sh says more than that: $output"
fi
expect 2 'takes no arguments: --fast' "$root/tools/demo.sh" --fast
expect 2 'takes no arguments: --fast' "$root/tools/aarch64-root.sh" --fast
expect 2 'takes build or development: everything' "$root/tools/install-packages.sh" everything
expect 2 'takes a number of seconds: soon' "$root/tools/measure-performance.sh" soon
expect 2 'has the tables targets values .*: --only=speed' "$root/tools/measure-performance.sh" --only=speed
expect 2 'takes a folder and a number of seconds: here soon' "$root/tools/reproduce-paper.sh" here soon
expect 2 'unknown option --fast' "$root/tools/fuzz.sh" --fast
expect 2 'unknown fuzz target kernel$' "$root/tools/fuzz.sh" kernel

# Tests that never ran count as failed, except for manual ones that nobody named.
events=$folder/events.json
test_event() {
  printf '{"id": {"targetConfigured": {"label": "%s"}}, "configured": {"targetKind": "sh_test rule", "tag": [%s]}}\n' "$1" "${2:-}"
}
passed() {
  printf '{"id": {"testSummary": {"label": "%s"}}, "testSummary": {"overallStatus": "PASSED"}}\n' "$1"
}
{ test_event //:a; test_event //:manual '"manual"'; passed //:a; } >"$events"
expect 0 '^1 passed, 0 failed$' "$root/tools/count-tests.py" "$events"
test_event //:b >>"$events"
expect 1 '^1 passed, 1 failed$' "$root/tools/count-tests.py" "$events"

# The tools in Python, with other people's modules and without.
for tool in "$root"/tools/*.py; do
  if [[ "$(head -n 1 "$tool")" == '#!'* ]]; then
    expect 0 '^usage: ' /usr/bin/python3 "$tool" --help
    expect 0 '^usage: ' /usr/bin/python3 "$tool" -h
    expect 2 'unrecognized arguments: .*--no-such-option\|arguments are required' /usr/bin/python3 "$tool" --no-such-option
    run env -u PYTHONPATH /usr/bin/python3 -S "$tool" --help
    if ((status != 0)) && ! [[ "$output" == *" needs Debian's packages python3-"* && "$output" != *$'\n'* ]]; then
      fail "without Debian's modules $tool says: $output"
    fi
  fi
done

# bazel-bin stays the ordinary build, whatever else is built: what has a folder of its own has no links.
configs=$(sed -n 's/^build:\([a-z]*\) .*--platform_suffix=.*/\1/p' "$root/.bazelrc")
[[ -n "$configs" ]] || fail "no configuration in .bazelrc"
for config in $configs; do
  base=$(sed -n "s/^build:$config .*--config=\([a-z]*\).*/\1/p" "$root/.bazelrc")
  grep --quiet "^build:\($config\|$base\) .*--symlink_prefix=/\( \|\$\)" "$root/.bazelrc" ||
    fail "--config=$config leaves its links where bazel-bin is"
done

exit "$((failures != 0))"
