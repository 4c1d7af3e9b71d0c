#!/usr/bin/python3
"""Prints "N passed, N failed" for runs of `bazel test`, added up, from their files of build events, and how many runs were
skipped, if any; fails unless each run had tests and all of them ran and passed."""

import argparse
import json
import pathlib
import sys


def count(events_path):
    """The numbers of test targets that passed and that did not. Those that could not be built count as failed."""
    named = set()
    requested = set()
    passed = set()
    for line in events_path.read_text().splitlines():
        event = json.loads(line)
        named.update(event["id"].get("pattern", {}).get("pattern", []))
        kind = event.get("configured", {}).get("targetKind", "")
        if "targetConfigured" in event["id"] and kind.endswith("_test rule"):
            label = event["id"]["targetConfigured"]["label"]
            if label in named or "manual" not in event["configured"].get("tag", []):
                requested.add(label)
        if "testSummary" in event["id"] and event["testSummary"]["overallStatus"] == "PASSED":
            passed.add(event["id"]["testSummary"]["label"])
    return len(passed), len(requested - passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=pathlib.Path, nargs="+", help="what --build_event_json_file wrote")
    parser.add_argument("--skipped", type=int, default=0, help="runs that could not be made, and have no file")
    arguments = parser.parse_args()
    counts = [count(path) for path in arguments.events]
    line = f"{sum(passed for passed, _ in counts)} passed, {sum(failed for _, failed in counts)} failed"
    print(f"{line}, {arguments.skipped} runs skipped" if arguments.skipped else line)
    return 0 if all(passed and not failed for passed, failed in counts) else 1


if __name__ == "__main__":
    sys.exit(main())
