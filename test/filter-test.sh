#!/bin/bash
# A filter that matches no test fails, in a sentence, and one that matches does not.
# Usage: filter-test.sh TEST OTHER_TEST...: programs with GoogleTest, the first one with a test CorrectRounding
set -euo pipefail

for program in "$@"; do
  if output=$(TESTBRIDGE_TEST_ONLY='*no_such_test*' "$program" 2>&1); then
    echo "FAILED: a filter that matches nothing passes $program"
    exit 1
  fi
  grep --quiet 'no test matches the filter "\*no_such_test\*"' <<<"$output"
done
TESTBRIDGE_TEST_ONLY='*CorrectRounding*' "$1" >/dev/null
# Of two shards the second one has none of one test.
for shard in 0 1; do
  GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=$shard TESTBRIDGE_TEST_ONLY='*CorrectRounding*' "$1" >/dev/null
done
