# Bazel without its chatter. Sourced by the other scripts.

# quiet_bazel COMMAND ARGUMENT...: progress and errors only.
quiet_bazel() {
  local command=$1
  shift
  # The server outlives the command that starts it. Started here, it does not keep our output open, and what its Java
  # says of options that Debian's launcher passes is nobody's error.
  bazel info server_pid </dev/null >/dev/null 2>&1 || true
  bazel "$command" --ui_event_filters=-info,-debug --noshow_loading_progress --show_progress_rate_limit=10 "$@"
}
