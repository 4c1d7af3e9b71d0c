#!/usr/bin/python3
"""Prints "N passed, N failed" for a run of `bazel test` from its file of build events; fails unless all ran and passed."""

import argparse
import json
import pathlib
import sys


def count(events_path):
    """The numbers of test targets that passed and that did not. Those that could not be built count as failed."""
    requested = set()
    passed = set()
    for line in events_path.read_text().splitlines():
        event = json.loads(line)
        if "targetConfigured" in event["id"] and event.get("configured", {}).get("targetKind", "").endswith("_test rule"):
            if "manual" not in event["configured"].get("tag", []):
                requested.add(event["id"]["targetConfigured"]["label"])
        if "testSummary" in event["id"] and event["testSummary"]["overallStatus"] == "PASSED":
            passed.add(event["id"]["testSummary"]["label"])
    return len(passed), len(requested - passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=pathlib.Path, help="what --build_event_json_file wrote")
    passed, failed = count(parser.parse_args().events)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
