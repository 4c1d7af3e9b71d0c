#!/usr/bin/python3
"""Turns the CSV of one or more runs of //bench:compare into the Markdown table of docs/performance.md.

P, D and U are the times of XNNPACK, oneDNN and the stand-in for the newest XNNPACK divided by ours; L is the least time
that memory allows divided by ours. Of several runs, the range.
"""

import argparse
import csv
import pathlib

COLUMNS = {"P": "xnnpack", "D": "onednn", "U": "upstream_like", "L": "limit"}


def read_runs(paths):
    """{(rows, channels, threads): {implementation: [line of each run]}}, in the order of the lines."""
    shapes = {}
    for path in paths:
        with open(path, newline="") as file:
            for line in csv.DictReader(file):
                shape = (int(line["rows"]), int(line["channels"]), int(line["threads"]))
                shapes.setdefault(shape, {}).setdefault(line["implementation"], []).append(line)
    return shapes


def format_range(values, digits):
    texts = sorted({f"{value:.{digits}f}" for value in values}, key=float)
    return texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=pathlib.Path, nargs="+", help="what compare --format=csv printed")
    print("| rows × channels | threads | Gfloat/s | P | D | U | L |\n|---|---|---|---|---|---|---|")
    for (rows, channels, threads), implementations in read_runs(parser.parse_args().csv).items():
        cells = [f"{rows} × {channels}", str(threads)]
        cells.append(format_range([float(line["gelem_per_s"]) for line in implementations["ours"]], 2))
        for implementation in COLUMNS.values():
            ratios = [float(line["ratio"]) for line in implementations.get(implementation, [])]
            cells.append(format_range(ratios, 2) if ratios else "–")
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
