# Bazel without its chatter. Sourced by the other scripts.

# quiet_bazel COMMAND ARGUMENT...: progress and errors only.
quiet_bazel() {
  local command=$1
  shift
  # Debian's launcher passes Java options that newer Java versions warn about, on every start.
  bazel "$command" --ui_event_filters=-info,-debug --noshow_loading_progress --show_progress_rate_limit=10 "$@" \
    2> >(grep -v -e 'Xverify:none' -e '^Loading:' >&2)
}
