#!/usr/bin/python3
"""Prints, as Markdown, the claims of "The Two-Pass Softmax Algorithm" beside what was measured here.

The input is CSV of `compare --isa=avx512f,avx2 --stores=ordinary`: as in the paper, stores are ordinary ones.
"""

import argparse
import csv
import pathlib
import re
import statistics
import sys

# Of the paper's abstract, measured there on an Intel Skylake-X.
CLAIMED_PERCENT = {"avx512f": 28, "avx2": 18}
THREE_PASSES = ("three_pass_recompute", "three_pass_reload")


def read_times(path):
    """{isa: {length: {algorithm: nanoseconds}}} of single rows on one thread."""
    times = {}
    with open(path, newline="") as file:
        for line in csv.DictReader(file):
            match = re.fullmatch(r"ours:(\w+?)(?:\+ordinary_stores)?@(\w+)", line["implementation"])
            if match and line["rows"] == line["threads"] == "1":
                lengths = times.setdefault(match[2], {})
                lengths.setdefault(int(line["channels"]), {})[match[1]] = float(line["median_ns"])
    return times


def percent_faster(algorithms):
    """How much more the two passes compute in a time than the better of the three passes."""
    return 100 * (min(algorithms[name] for name in THREE_PASSES) / algorithms["two_pass"] - 1)


def describe_range(values):
    return f"{statistics.median(values):+.0f} % (from {min(values):+.0f} % to {max(values):+.0f} %)"


def print_table(times, cache_bytes, machine):
    print(f"Machine: {machine}. One row, one thread, ordinary stores, warm calls, medians. Positive: two passes are "
          "faster than the better of the three-pass algorithms, in elements per second.\n")
    print("| instruction set | claim of the paper, beyond the last cache | here, beyond the last cache: median and "
          "range | largest gain at | here, in caches: median and range |")
    print("|---|---|---|---|---|")
    for isa, lengths in times.items():
        # Four times the cache and more: below, part of a row is still in it from one pass to the next.
        beyond = {length: percent_faster(times) for length, times in lengths.items() if 8 * length >= 4 * cache_bytes}
        within = [percent_faster(times) for length, times in lengths.items() if 512 <= length <= cache_bytes / 16]
        if not beyond or not within:
            print(f"paper-table.py: {isa} has no rows beyond the cache, or none within", file=sys.stderr)
            continue
        claim = f"up to +{CLAIMED_PERCENT[isa]} %" if isa in CLAIMED_PERCENT else "none"
        best = max(beyond, key=beyond.get)
        print(f"| {isa} | {claim} | {describe_range(beyond.values())} | {best} elements | {describe_range(within)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=pathlib.Path)
    parser.add_argument("--machine", required=True, help="as `compare --machine` prints it")
    options = parser.parse_args()
    sizes = re.findall(r"L[1-4] (\d+) (KiB|MiB)", options.machine)
    if not sizes:
        parser.error(f'--machine: no cache in "{options.machine}"')
    cache_bytes = max(int(size) * (1024 if unit == "KiB" else 1 << 20) for size, unit in sizes)
    times = read_times(options.csv)
    if not times:
        print(f"paper-table.py: {options.csv}: no ours:ALGORITHM@ISA for one row and one thread", file=sys.stderr)
        return 1
    print_table(times, cache_bytes, options.machine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
