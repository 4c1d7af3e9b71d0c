# Bazel without its chatter. Sourced by the other scripts.

# quiet_bazel COMMAND ARGUMENT...: progress and errors only.
quiet_bazel() {
  local command=$1
  shift
  (
    # Bazel's server lives on, with every file that it was started with but for the first three: a pipe among them would
    # never end.
    for file in "/proc/$BASHPID/fd"/*; do
      number=${file##*/}
      ((number <= 2)) || exec {number}>&-
    done
    exec bazel "$command" --ui_event_filters=-info,-debug --noshow_loading_progress --show_progress_rate_limit=10 "$@"
  )
}
