#!/bin/sh
# Tests examples/digits.c from the root of the project: digits-test.sh <program>

set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "digits-test.sh: $1" >&2
  exit 1
}

# The program, run with the other arguments, must exit with this status and say this on standard error.
expect_failure() {
  status=$1
  sentence=$2
  shift 2
  actual=0
  "$program" "$@" > "$folder/output" 2> "$folder/error" || actual=$?
  [ "$actual" -eq "$status" ] || fail "digits $*: exit status $actual instead of $status"
  grep -q "$sentence" "$folder/error" || fail "digits $*: no \"$sentence\" in: $(cat "$folder/error")"
}

"$program" > "$folder/output" || fail "the example failed"
cat "$folder/output"
grep -q '^Our kernels: .*xnnx_f32_' "$folder/output" || fail "our kernels are not named"
awk '
  /^  accuracy,/ { accuracies += 1; good += $(NF - 4) > 93 }
  /^  largest difference/ { close_enough = $NF ~ /^[0-9.e-]+$/ && $NF < 1e-5 }
  END { exit !(accuracies == 2 && good == 2 && close_enough) }
' "$folder/output" || fail "an accuracy is not over 93 %, or the results differ by 1e-5 or more"

# Four rows of positive times, with a ratio between its quartiles; how fast anything is depends on the machine.
awk '
  $4 == "KiB" && $6 == "us" && $8 == "us" && $10 <= $9 && $9 <= $12 && $10 > 0 && $5 > 0 && $7 > 0 { rows += 1 }
  END { exit rows != 4 }
' "$folder/output" || fail "the table of times is not as expected"

# Data that are missing, cut short, too long or out of range.
expect_failure 1 "cannot open" --no-timing "$folder/missing"
data=$folder/data
mkdir "$data"
restore() {
  cat examples/data/digits-model.bin > "$data/digits-model.bin"
  cat examples/data/digits-held-out.bin > "$data/digits-held-out.bin"
}
restore
"$program" --no-timing "$data" > /dev/null || fail "a folder given by name does not work"
head -c 2599 examples/data/digits-model.bin > "$data/digits-model.bin"
expect_failure 1 "exactly 2600 bytes" --no-timing "$data"
restore
echo >> "$data/digits-model.bin"
expect_failure 1 "exactly 2600 bytes" --no-timing "$data"
restore
echo >> "$data/digits-held-out.bin"
expect_failure 1 "records of 65 bytes" --no-timing "$data"
restore
: > "$data/digits-held-out.bin"
expect_failure 1 "records of 65 bytes" --no-timing "$data"
head -c 64 /dev/zero > "$data/digits-held-out.bin"
printf '\012' >> "$data/digits-held-out.bin"
expect_failure 1 "labelled 10" --no-timing "$data"
printf '\021' > "$data/digits-held-out.bin"
head -c 64 /dev/zero >> "$data/digits-held-out.bin"
expect_failure 1 "a pixel of 17" --no-timing "$data"

expect_failure 2 "usage" --unknown
expect_failure 2 "usage" one two

# Stock XNNPACK where ours is expected must be noticed.
export XNNX_DISABLE=1
expect_failure 1 "did not run this library's softmax" --no-timing
