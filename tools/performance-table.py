#!/usr/bin/python3
"""Turns the CSV of one or more runs of //bench:compare into the Markdown tables of docs/performance.md.

A peer's column is its time divided by ours: above 1, ours is faster. The memory's is the least time that it allows,
divided by ours: 1 would be as fast as memory can be. Of several runs, the range. Peers that no run has are left out.
Single rows come first, then batches, both by the length of the row.
"""

import argparse
import csv
import pathlib

COLUMNS = {
    "xnnpack": "XNNPACK 2022 / ours",
    "onednn": "oneDNN / ours",
    "xnnpack_newest": "newest XNNPACK / ours",
    "upstream_like": "stand-in / ours",
    "ours_ordinary": "ours on ordinary values / ours",
    "limit": "memory / ours",
}


# What was measured under different conditions is not one line.
CONDITIONS = ("values", "temperature", "pages")


def read_runs(paths):
    """The conditions that differ, and {(rows, channels, threads, *those): {implementation: [line of each run]}}."""
    lines = []
    for path in paths:
        with open(path, newline="") as file:
            lines += csv.DictReader(file)
    conditions = [field for field in CONDITIONS if len({line[field] for line in lines if line.get(field)}) > 1]
    shapes = {}
    for line in lines:
        shape = (int(line["rows"]), int(line["channels"]), int(line["threads"]),
                 *(line.get(field) or "" for field in conditions))
        shapes.setdefault(shape, {}).setdefault(line["implementation"], []).append(line)
    return conditions, shapes


def order(shape):
    rows, channels, threads, *_ = shape
    return rows != 1, channels, rows, threads


def format_range(lines, *columns):
    """What the columns say in any of the lines, as far as they have them."""
    values = [float(line[column]) for line in lines for column in columns if line.get(column)]
    texts = sorted({f"{value:.2f}" for value in values}, key=float)
    if not texts:
        return ""
    return texts[0] if len(texts) == 1 else f"{texts[0]}–{texts[-1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=pathlib.Path, nargs="+", help="what compare --format=csv printed")
    parser.add_argument("--shape", help="only these, ROWSxCHANNELS separated by commas")
    options = parser.parse_args()
    conditions, shapes = read_runs(options.csv)
    if options.shape:
        wanted = {tuple(map(int, shape.split("x"))) for shape in options.shape.split(",")}
        shapes = {shape: implementations for shape, implementations in shapes.items() if shape[:2] in wanted}
    columns = {name: title for name, title in COLUMNS.items() if any(name in shape for shape in shapes.values())}
    if "xnnpack_newest" in columns:
        columns.pop("upstream_like", None)  # no need of what stands for it
    titles = ["rows × channels", "threads", *conditions, "ours, 10⁹ elements/s", *columns.values()]
    print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
    for shape, implementations in sorted(shapes.items(), key=lambda item: order(item[0])):
        rows, channels, threads, *of_conditions = shape
        cells = [f"{rows}×{channels}", str(threads), *of_conditions]
        cells.append(format_range(implementations.get("ours", []), "gelem_per_s"))
        for name in columns:
            # The spread, where the CSV has it, says what the median says and more.
            lines = implementations.get(name, [])
            has_spread = any(line.get("ratio_min") and line.get("ratio_max") for line in lines)
            cells.append(format_range(lines, *(("ratio_min", "ratio_max") if has_spread else ("ratio",))))
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
