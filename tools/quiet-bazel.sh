# Bazel without its chatter. Sourced by the other scripts.

# quiet_bazel COMMAND ARGUMENT...: progress, errors and results of tests only. Away from a terminal Bazel would print its
# progress line by line, the last one twice: there a sentence takes its place.
quiet_bazel() {
  local command=$1
  shift
  local options=(--show_result=0)
  if [[ "$command" == test ]]; then
    options+=(--ui_event_filters=-debug)  # what a failing test prints comes as information
  else
    options+=(--ui_event_filters=-info,-debug)
  fi
  if [[ -t 2 ]]; then
    options+=(--noshow_loading_progress --show_progress_rate_limit=10)
  else
    options+=(--noshow_progress)
    [[ "$command" != build ]] || echo "Building" >&2
  fi
  (
    # Bazel's server lives on, with every file that it was started with but for the first three: a pipe among them would
    # never end.
    for file in "/proc/$BASHPID/fd"/*; do
      number=${file##*/}
      ((number <= 2)) || exec {number}>&-
    done
    exec bazel "$command" "${options[@]}" "$@"
  )
}
