#!/usr/bin/python3
"""Prints how many hashes of test/same-bits/hashes.txt agree, for each instruction set that a run of `bazel test` had, from its
file of build events."""

import argparse
import json
import pathlib
import re
import sys
import urllib.parse

TEST = "//test/same-bits:hashes-test"


def logs(events_path):
    for line in events_path.read_text().splitlines():
        event = json.loads(line)
        if event["id"].get("testResult", {}).get("label") == TEST:
            for output in event["testResult"].get("testActionOutput", []):
                if output["name"] == "test.log":
                    yield pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=pathlib.Path, help="what --build_event_json_file wrote")
    arguments = parser.parse_args()
    for log in logs(arguments.events):
        for line in re.findall(r"^\w+: .*\bhashes\b.*$", log.read_text(), re.MULTILINE):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
