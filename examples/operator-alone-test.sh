#!/bin/sh
# Tests examples/operator-alone.c from the root of the project: operator-alone-test.sh <program>

set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "operator-alone-test.sh: $1" >&2
  exit 1
}

# The file's numbers must give as many probabilities, each within 1e-6 of exp(x) / sum, that add up to 1 within 1e-6.
expect_softmax() {
  "$program" "$1" > "$folder/probabilities" || fail "$1: exit status $?"
  tr -s ' ' '\n' < "$1" | paste - "$folder/probabilities" | awk '
    { logit[NR] = $1; probability[NR] = $2; sum += $2; if (NR == 1 || $1 > largest) largest = $1; wrong += NF != 2 }
    END {
      for (i = 1; i <= NR; i++) exponentials += exp(logit[i] - largest)
      for (i = 1; i <= NR; i++) {
        error = probability[i] - exp(logit[i] - largest) / exponentials
        wrong += !(error * error < 1e-12)
      }
      exit !(NR > 0 && wrong == 0 && (sum - 1) ^ 2 < 1e-12)
    }
  ' || fail "$1: the output is not its softmax"
}

expect_failure() {
  if "$program" "$@" > "$folder/output" 2> "$folder/error"; then
    fail "operator-alone $*: success instead of failure"
  fi
  grep -q '[a-z]' "$folder/error" || fail "operator-alone $*: no error sentence"
  [ ! -s "$folder/output" ] || fail "operator-alone $*: output in spite of an error"
}

expect_softmax examples/data/logits.txt
for count in 1 2 3 4 5 1000; do
  seq "$count" | awk '{ print sin($1) * 10 }' > "$folder/numbers"
  expect_softmax "$folder/numbers"
done

: > "$folder/empty"
echo "1 2 three" > "$folder/words"
expect_failure
expect_failure "$folder/missing"
expect_failure "$folder"
expect_failure "$folder/empty"
expect_failure "$folder/words"
expect_failure examples/data/logits.txt examples/data/logits.txt
export XNNX_MAX_ISA=unknown
expect_failure examples/data/logits.txt
