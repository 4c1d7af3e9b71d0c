#!/usr/bin/env python3
"""Turns the output of //test/accuracy:accuracy --format=csv, on standard input, into the table of docs/accuracy.md.

Of this library the worst over instruction sets and algorithms counts; a cell is the largest error in ULP and |sum - 1|.
"""

import argparse
import csv
import math
import sys

LIBRARIES = {"ours": "this library", "xnnpack": "XNNPACK", "onednn": "oneDNN"}


def worst(values):
    """The largest, where NaN is the worst of all."""
    return max(values, key=lambda value: math.inf if math.isnan(value) else value)


def collect(lines):
    """{(distribution, rows, channels): {library: [(max_ulp, sum_error), ...]}}, in the order of the lines."""
    table = {}
    for line in csv.DictReader(lines):
        library = line["algorithm"] if line["isa"] == "-" else "ours"
        cells = table.setdefault((line["distribution"], line["rows"], line["channels"]), {})
        cells.setdefault(library, []).append((float(line["max_ulp"]), float(line["sum_error"])))
    return table


def format_cell(measurements):
    if not measurements:
        return "—"
    max_ulp = worst(measurement[0] for measurement in measurements)
    sum_error = worst(measurement[1] for measurement in measurements)
    ulp_text = f"{max_ulp:.2f}" if max_ulp < 100 else f"{max_ulp:.3g}"
    return f"{ulp_text} · {sum_error:.0e}"


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    print("| inputs | rows × channels | " + " | ".join(LIBRARIES.values()) + " |")
    print("|---|---|" + "---|" * len(LIBRARIES))
    for (distribution, rows, channels), cells in collect(sys.stdin).items():
        row = [f"`{distribution}`", f"{rows} × {channels}"]
        row += [format_cell(cells.get(library, [])) for library in LIBRARIES]
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
