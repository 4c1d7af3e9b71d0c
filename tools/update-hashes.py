#!/usr/bin/python3
"""Writes test/same-bits/hashes.txt anew. A hash that is there changes with XNNX_ARITHMETIC_VERSION only: other results are
another arithmetic. New cases are added under any version.

usage: tools/update-hashes.py [--writer PROGRAM] [--hashes FILE]"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEST = "//test/same-bits:hashes-test"


def read(path):
    """The version, and the hash of each case."""
    first, *lines = path.read_text().splitlines()
    return int(first.removeprefix("version ")), dict(reversed(line.split()) for line in lines)


def build_writer():
    subprocess.run(["bazel", "build", TEST], cwd=ROOT, check=True)
    return ROOT / "bazel-bin" / "test" / "same-bits" / "hashes-test"


def write_new_hashes(writer, path):
    subprocess.run(
        [writer, "--gtest_filter=HashFileTest.IsWrittenWhereAsked"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, "XNNX_WRITE_HASHES": str(path)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writer", type=pathlib.Path, help="what writes the hashes; built if it is not given")
    parser.add_argument("--hashes", type=pathlib.Path, default=ROOT / "test" / "same-bits" / "hashes.txt")
    arguments = parser.parse_args()
    writer = arguments.writer or build_writer()
    with tempfile.TemporaryDirectory(dir=arguments.hashes.parent) as folder:
        new_path = pathlib.Path(folder) / "hashes.txt"
        write_new_hashes(writer, new_path)
        new_version, new = read(new_path)
        if arguments.hashes.exists():
            version, old = read(arguments.hashes)
            changed = sorted(name for name in old if new.get(name) != old[name])
            if changed and new_version <= version:
                print(
                    f"{len(changed)} of {len(old)} hashes change or are gone, {changed[0]} for one: raise XNNX_ARITHMETIC_VERSION in "
                    f"include/xnnpack-softmax.h above {version}, or find out why", file=sys.stderr)
                return 1
        os.replace(new_path, arguments.hashes)
    print(f"{len(new)} hashes of version {new_version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
