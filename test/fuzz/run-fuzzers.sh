#!/usr/bin/env bash
# run-fuzzers.sh SECONDS PROGRAM...: each program, all at the same time, on its corpus and then for SECONDS on new
# inputs. Keeps the inputs that fail, and those that cover more than the corpus, in a new folder under TMPDIR if there
# are any; says where, and how to repeat a failure.
set -euo pipefail
seconds=$1
shift
corpora=$(dirname "$0")/corpus
folder=$(mktemp --directory "${TMPDIR:-/tmp}/xnnpack-softmax-fuzz.XXXXXX")

declare -A runs
for program in "$@"; do
  name=$(basename "$program")
  subject=${name#fuzz-}
  mkdir "$folder/$name"
  ASAN_OPTIONS=allow_addr2line=1 nice "$program" -max_total_time="$seconds" -max_len=512 -len_control=0 -timeout=60 \
    -rss_limit_mb=4096 -print_funcs=0 -print_final_stats=1 -artifact_prefix="$folder/$name-" \
    "$folder/$name" "$corpora/$subject" >"$folder/$name.log" 2>&1 &
  runs[$name]=$!
done

status=0
for program in "$@"; do
  name=$(basename "$program")
  if wait "${runs[$name]}"; then
    grep '^skipped' "$folder/$name.log" || true
    new_inputs=$(find "$folder/$name" -type f | wc -l)
    printf '%s: nothing found in %s inputs; new ones worth having: %s\n' "$name" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log")" \
      "$new_inputs$( ((new_inputs == 0)) || printf ' in %s' "$folder/$name")"
    rm "$folder/$name.log"
    rmdir --ignore-fail-on-non-empty "$folder/$name"
  else
    status=1
    tail -n 60 "$folder/$name.log"
    printf '\n%s FAILED; its output is in %s\n' "$name" "$folder/$name.log"
    for input in "$folder/$name"-*; do
      if [[ -e "$input" ]]; then
        printf '  the input that fails: %s\n  to repeat it:         %s %s\n' "$input" "$(realpath "$program")" "$input"
      fi
    done
  fi
done
rmdir --ignore-fail-on-non-empty "$folder"
exit "$status"
