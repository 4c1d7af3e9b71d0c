#!/bin/sh
# usage: compare-test.sh PROGRAM
set -eu
compare="$1"
# What should be refused does not take this machine's memory if it is not. (Sanitizers map more than there is.)
[ -n "${SANITIZER_FLAGS:-}" ] || ulimit -v $((16 << 20))
busy=
trap '[ -z "$busy" ] || kill "$busy"' EXIT

fail() {
  echo "compare-test: $1" >&2
  exit 1
}

# column TITLE: that column of the CSV in $csv, without its title.
column() {
  printf '%s\n' "$csv" | awk -F, -v title="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == title) column = i; if (!column) exit 1; next }
    { print $column }'
}

# all_lines RULE [NAME]: whether the awk expression holds for every line (of that implementation), with its fields by
# their titles as f["..."].
all_lines() {
  printf '%s\n' "$csv" | awk -F, -v name="${2:-}" '
    NR == 1 { for (i = 1; i <= NF; i++) title[i] = $i; next }
    { for (i = 1; i <= NF; i++) f[title[i]] = $i }
    (name == "" || f["implementation"] == name) && !('"$1"') { print; failed = 1 }
    END { exit failed || NR < 2 }'
}

# Repeated and comma-separated options; every implementation has a line for every shape.
csv="$("$compare" --shape=3x5,1x20000 --shape=7x64 --threads=1 --seconds=0.01 --processes=1 --format=csv)"
printf '%s\n' "$csv"
ours="ours ours:blocked ours:two_pass ours:three_pass_recompute ours:three_pass_reload"
peers="xnnpack onednn expf_loop upstream_like copy copy_around_caches limit"
for shape in 3,5 1,20000 7,64; do
  for name in $ours $peers; do
    printf '%s\n' "$csv" | grep -q "^$shape,1,ordinary,$name,[0-9.,]*\$" || fail "no line for $shape $name"
  done
done
all_lines 'f["ratio"] == 1' ours || fail "ours is not 1 times ours"
all_lines 'f["median_ns_min"] == f["median_ns"] && f["ratio_max"] == f["ratio"]' || fail "a spread of one process"
[ "$(printf '%s\n' "$csv" | grep ",copy_and_scale," | cut -d , -f 1,2)" = "1,20000" ] ||
  fail "copy_and_scale: not of one row only"

"$compare" --shape=2x3 --seconds=0.01 --processes=1 --peer=none --algorithm=none | grep -q "^ours " || fail "no table"
"$compare" --help | grep -q -- --shape || fail "no help"

# Every kind of values that the help names, beside ours on ordinary ones.
csv="$("$compare" --shape=6x50 --values=all --seconds=0.01 --processes=1 --peer=none --algorithm=none --format=csv)"
kinds="$("$compare" --help | sed '1,/^Values:/d' | awk '{ print $1 }')"
[ "$(column values | uniq)" = "$kinds" ] || fail "not every kind of values"
others="$(printf '%s\n' "$kinds" | grep -v '^ordinary$')"
[ "$(printf '%s\n' "$csv" | grep ",ours_ordinary," | cut -d , -f 4)" = "$others" ] ||
  fail "ours on ordinary values is not beside the others"

# Of several processes the medians, and the lowest and the highest.
csv="$("$compare" --shape=2x3,4x500 --seconds=0.03 --processes=3 --peer=xnnpack,onednn --algorithm=none --format=csv)"
printf '%s\n' "$csv"
all_lines 'f["min_ns"] <= f["median_ns_min"] && f["median_ns_min"] <= f["median_ns"] &&
  f["median_ns"] <= f["median_ns_max"] && f["median_ns_max"] <= f["max_ns"]' || fail "times are no medians of processes"
all_lines 'f["ratio_min"] <= f["ratio"] && f["ratio"] <= f["ratio_max"]' || fail "ratios are no medians of processes"
all_lines 'f["rounds"] >= 15' || fail "fewer than five rounds of each process"
! all_lines 'f["median_ns_min"] == f["median_ns_max"]' >/dev/null || fail "all of one process"
table="$("$compare" --shape=2x3 --seconds=0.03 --processes=2 --peer=none --algorithm=none)"
printf '%s\n' "$table" | grep -q "^Medians over 2 processes" || fail "the table does not say that there are processes"
printf '%s\n' "$table" | grep -q "^softmax 2 x 3: one_pass" || fail "the table does not say what ran"

# A failure of one is the failure of all.
if [ -z "${SANITIZER_FLAGS:-}" ]; then
  status=0
  output="$(ulimit -v 200000; "$compare" --shape=1x20000000 --seconds=0.01 --format=csv 2>&1)" || status=$?
  [ "$status" = 1 ] || fail "a process that fails: status $status"
  printf '%s\n' "$output" | grep -q "^compare: not enough memory" || fail "a process that fails: $output"
fi

# A machine that others use is noticed, with one thread as well, and whatever the format.
yes >/dev/null &
busy=$!
csv="$("$compare" --shape=6x50 --seconds=0.01 --processes=1 --peer=none --algorithm=none --format=csv 2>/dev/null)"
all_lines 'f["disturbed"] == 1 && f["processors_of_others"] > 0.25' || fail "a busy machine is not in the CSV"
"$compare" --shape=6x50 --seconds=0.01 --processes=1 --peer=none --algorithm=none --format=csv 2>&1 >/dev/null |
  grep -q "other programs disturbed 1 of 1 comparisons" || fail "CSV: a busy machine is not noticed"
"$compare" --shape=6x50 --seconds=0.01 --processes=1 --peer=none --algorithm=none |
  grep -q "^Do not believe it: other programs" || fail "table: a busy machine is not noticed"
kill "$busy"
busy=

# More than there is: a sentence with the shape, what it needs and what there is, before anything is measured.
for shape in 1x100000000000 99999999999x99999999999; do
  output="$("$compare" --shape=2x3,$shape --seconds=0.01 2>&1)" && fail "$shape: not refused"
  printf '%s\n' "$output" |
    grep -qx "compare: --shape: $shape needs [0-9]* MiB for 3 tensors, but [0-9]* MiB of memory are available" ||
    fail "$shape: $output"
done
# A quarter more than there is, too.
available="$(printf '%s\n' "$output" | sed 's/.* but \([0-9]*\) MiB.*/\1/')"
shape="1x$((available * (1 << 20) / 12 * 5 / 4))"
"$compare" --shape=$shape --seconds=0.01 2>&1 | grep -q "^compare: --shape: $shape needs" || fail "$shape: not refused"
"$compare" --shape=1x100000000000 --values=mixed 2>&1 | grep -q "for 4 tensors" || fail "a tensor is not counted"

# Refused, with status 2 and one line that says why.
while read -r option; do
  status=0
  message="$("$compare" "$option" 2>&1 >/dev/null)" || status=$?
  [ "$status" = 2 ] || fail "$option: status $status"
  [ "$(printf '%s\n' "$message" | wc -l)" = 1 ] || fail "$option: $message"
done <<OPTIONS
--shape=3
--shape=0x5
--shape=3x-5
--shape=
--shape=3x5x7
--shape=1x100000000000
--threads=100000
--threads=two
--algorithm=fast
--isa=abacus
--isa=avx2,abacus
--isa=
--peer=nobody
--seconds=0
--processes=0
--format=json
--pages=medium
--values=heavy
--stores=none
--nonsense
word
OPTIONS
