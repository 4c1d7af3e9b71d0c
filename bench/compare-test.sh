#!/bin/sh
# usage: compare-test.sh PROGRAM
set -eu
compare="$1"

fail() {
  echo "compare-test: $1" >&2
  exit 1
}

# Repeated and comma-separated options; every implementation has a line for every shape.
csv="$("$compare" --shape=3x5,1x20000 --shape=7x64 --threads=1 --seconds=0.01 --format=csv)"
printf '%s\n' "$csv"
[ "$(printf '%s\n' "$csv" | head -n 1)" = \
  "rows,channels,threads,values,implementation,median_ns,min_ns,max_ns,gelem_per_s,ratio,ratio_min,ratio_max,bytes_per_element,rounds" ] || fail "wrong header"
ours="ours ours:blocked ours:two_pass ours:three_pass_recompute ours:three_pass_reload"
peers="xnnpack onednn expf_loop upstream_like copy copy_around_caches limit"
for shape in 3,5 1,20000 7,64; do
  for name in $ours $peers; do
    printf '%s\n' "$csv" | grep -q "^$shape,1,ordinary,$name,[0-9.,]*\$" || fail "no line for $shape $name"
  done
  printf '%s\n' "$csv" | grep -q "^$shape,1,ordinary,ours,.*,1.0000,1.0000,1.0000,[0-9]*,[0-9]*\$" || fail "ours is not 1 times ours"
done
[ "$(printf '%s\n' "$csv" | grep ",copy_and_scale," | cut -d , -f 1,2)" = "1,20000" ] || fail "copy_and_scale: not of one row only"

"$compare" --shape=2x3 --seconds=0.01 --peer=none --algorithm=none | grep -q "^ours " || fail "no table"
"$compare" --help | grep -q -- --shape || fail "no help"

# Every kind of values, beside ours on ordinary ones.
csv="$("$compare" --shape=6x50 --values=all --seconds=0.01 --peer=none --algorithm=none --format=csv)"
[ "$(printf '%s\n' "$csv" | cut -d , -f 4 | sort -u | wc -l)" = 15 ] || fail "not 14 kinds of values and a title"
[ "$(printf '%s\n' "$csv" | grep -c ",ours_ordinary,")" = 13 ] || fail "ours on ordinary values is not beside the others"

# Of several processes the range of ratios; a failure of one is the failure of all.
"$compare" --shape=2x3 --seconds=0.03 --processes=2 --peer=xnnpack --algorithm=none | grep -q "^xnnpack .* to " ||
  fail "no range of processes"

# A machine that others use, with one thread as well.
yes >/dev/null &
busy=$!
"$compare" --shape=6x50 --seconds=0.01 --peer=none --algorithm=none 2>&1 >/dev/null | grep -q "other programs" ||
  fail "a busy machine is not noticed"
kill "$busy"

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
--shape=1x100000000000
--shape=99999999999x99999999999
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
