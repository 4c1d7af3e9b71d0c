#!/bin/sh
# Runs the benchmarks whose name matches a pattern for hardly more than one iteration each.
# Fails if one fails, or none ran.
# usage: run-once-test.sh PROGRAM PATTERN
set -eu
output="$("$1" --benchmark_min_time=0.000001 --benchmark_filter="$2" --benchmark_format=csv)"
printf '%s\n' "$output"
printf '%s\n' "$output" | awk -F, '
  $1 == "name" { header = 1; next }
  header { count++; if ($0 ~ /,true,/) failed = 1 }
  END { if (count == 0) print "no benchmark ran"; exit failed || count == 0 }'
