#!/usr/bin/env bash
# Installs what is missing, builds everything and runs every test; the last line says how many passed and failed.
set -euo pipefail
cd "$(dirname "$0")/.."

source tools/packages.sh
install_missing "${DEVELOPMENT_PACKAGES[@]}"

source tools/quiet-bazel.sh
status=0
events=$(mktemp)
trap 'rm -f "$events"' EXIT
quiet_bazel test --keep_going --build_event_json_file="$events" "$@" //... || status=$?
/usr/bin/python3 tools/count-tests.py "$events" || status=1
exit "$status"
