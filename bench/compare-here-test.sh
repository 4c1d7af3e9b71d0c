#!/bin/bash
# tools/compare-here.sh with a program that is already built: what it prints and writes, and that it loses nothing.
# usage: compare-here-test.sh PROGRAM
set -uo pipefail
# What should be refused does not take this machine's memory if it is not.
ulimit -v $((16 << 20))
export PROGRAM_FOLDER=$(dirname "$(dirname "$(readlink -f "$1")")")
# The tools stand beside this test's own source.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
failures=0

fail() {
  printf 'FAILED: %s\n' "$1"
  failures=$((failures + 1))
}

# A Bazel that says where the program is.
mkdir "$folder/bin" "$folder/here"
printf '#!/bin/bash\n[[ $1 != info ]] || echo "$PROGRAM_FOLDER"\n' >"$folder/bin/bazel"
chmod +x "$folder/bin/bazel"
export PATH=$folder/bin:$PATH HOME=$folder LC_ALL=C.UTF-8
cd "$folder/here"

output=$("$root/tools/compare-here.sh" 64x128 1x32 2>&1) || fail "status $?"
printf '%s\n' "$output"
ratio='[0-9]+\.[0-9][0-9](–[0-9]+\.[0-9][0-9])?'
for shape in 64×128 1×32; do
  grep --quiet --extended-regexp "^\| $shape +\| 1 +\| [0-9.–]+ [nµm]s +\| $ratio +\| $ratio +\|" <<<"$output" ||
    fail "no line for $shape"
done
for peer in 'the packaged XNNPACK' oneDNN; do
  (($(grep --count "^This library is faster than $peer at .* of 2 shapes" <<<"$output") == 1)) ||
    fail "no answer for $peer"
done
[[ "$(ls --almost-all)" == $'compare-here.csv\ncompare-here.png' ]] || fail "left behind: $(ls --almost-all)"
before=$(sha256sum compare-here.*)

# Whatever goes wrong, what is there stays.
refuse() {
  local status=$1 pattern=$2
  shift 2
  output=$("$root/tools/compare-here.sh" "$@" 2>&1)
  local actual=$?
  ((actual == status)) && grep --quiet -e "$pattern" <<<"$output" || fail "status $actual: $*: $output"
  [[ "$(sha256sum compare-here.*)" == "$before" ]] || fail "something is lost: $*"
  (($(ls --almost-all | wc --lines) == 2)) || fail "left behind: $(ls --almost-all)"
}
refuse 0 'usage: tools/compare-here.sh' --help
refuse 2 'takes shapes, such as 64x1000: 64' 64
refuse 2 'takes shapes, such as 64x1000: -1x8' 1x8 -1x8
refuse 2 'needs [0-9]* MiB for 3 tensors' 1x8 1x100000000000
export PROGRAM_FOLDER=$folder
mkdir "$folder/bench"
printf '#!/bin/bash\necho rows,channels\nkill -TERM $$\n' >"$folder/bench/compare"
chmod +x "$folder/bench/compare"
refuse 143 '' 1x8

# What the sentences say where the library is not faster, and on a busy machine.
cat >"$folder/comparison.csv" <<'CSV'
rows,channels,implementation,ratio,ratio_min,ratio_max,disturbed
1,8,ours,1.0,1.0,1.0,0
1,8,xnnpack,0.91,0.90,0.99,0
1,64,ours,1.0,1.0,1.0,1
1,64,xnnpack,1.04,0.97,1.06,1
1,64,onednn,0.5,0.4,0.6,1
1,65,onednn,0.9,0.8,1.0,0
1,66,onednn,1.1,1.0,1.2,0
7,32,ours,1.0,1.0,1.0,0
7,32,xnnpack,2.5,2.4,2.6,0
7,64,xnnpack,3.6,3.5,3.7,0
7,64,xnnpack,3.5,3.4,3.6,0
7,64,upstream_like,1.5,1.4,1.6,0
CSV
expected='This library is faster than the packaged XNNPACK at 2 of 4 shapes: 2.50 times as fast at 7×32 to 3.50 times at 7×64; as fast, within the spread, at 1×64 (1.04); slower at 1×8 (0.91).
This library is faster than oneDNN at none of 3 shapes; as fast, within the spread, at 1×65 (0.90), 1×66 (1.10); slower at 1×64 (0.50).
The stand-in for the newest XNNPACK, which no package has, decides nothing: on short rows it misleads.
Do not believe it: other programs ran while 1 of 6 shapes were measured. Try again when nothing else runs.'
[[ "$("$root/tools/comparison-answer.py" "$folder/comparison.csv")" == "$expected" ]] ||
  fail "the answer: $("$root/tools/comparison-answer.py" "$folder/comparison.csv")"

# Of several processes the range, and how much longer ours takes on other values.
cat >"$folder/values.csv" <<'CSV'
rows,channels,threads,values,implementation,median_ns,gelem_per_s,ratio,ratio_min,ratio_max,median_ns_min,median_ns_max
4,10,1,ordinary,ours,1000,0.04,1,1,1,990,1010
4,10,1,rows=-inf,ours,1250,0.032,1,1,1,1240,1250
4,10,1,rows=-inf,ours_ordinary,1000,0.04,0.8,0.5,1,990,1010
CSV
expected='| rows × channels | threads | values    | ours         | ours / on ordinary values |
| --------------- | ------- | --------- | ------------ | ------------------------- |
| 4×10            | 1       | ordinary  | 990–1010 ns  |                           |
| 4×10            | 1       | rows=-inf | 1.24–1.25 µs | 1.00–2.00                 |'
output=$("$root/tools/performance-table.py" --times "$folder/values.csv")
[[ "$output" == "$expected" ]] || fail "the table of values: $output"
expected='| rows × channels | threads | rows=-inf |
| --------------- | ------- | --------- |
| 4×10            | 1       | 1.25      |'
output=$("$root/tools/performance-table.py" --by-values all "$folder/values.csv")
[[ "$output" == "$expected" ]] || fail "the table by values: $output"

exit "$((failures != 0))"
