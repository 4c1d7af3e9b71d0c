#!/usr/bin/python3
"""Turns the CSV of one or more runs of //bench:compare into the Markdown tables of docs/performance.md.

A peer's column is its time divided by ours: above 1, ours is faster. The memory's is the least time that it allows,
divided by ours: 1 would be as fast as memory can be. Beside values such as masks, the time of ours is also divided by
that on ordinary ones. Of several runs and processes, the range. Peers that no run has are left out.
Single rows come first, then batches, both by the length of the row.
"""

import argparse
import csv
import pathlib
import sys

COLUMNS = {
    "xnnpack": "XNNPACK 2022 / ours",
    "onednn": "oneDNN / ours",
    "xnnpack_newest": "newest XNNPACK / ours",
    "upstream_like": "stand-in / ours",
    "limit": "memory / ours",
    "ours_ordinary": "ours / on ordinary values",
}
INVERTED = ("ours_ordinary",)


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


def format_range(texts, unit=""):
    """The least and the greatest of numbers; texts that are the same stand once."""
    texts = sorted(set(texts), key=float)
    return "–".join(texts[:1] + texts[1:][-1:]) + (unit if texts else "")


def ratios_of(lines, inverted):
    """With the spread, where the CSV has it: it says what the median says and more."""
    has_spread = any(line.get("ratio_min") and line.get("ratio_max") for line in lines)
    columns = ("ratio_min", "ratio_max") if has_spread else ("ratio",)
    values = [float(line[column]) for line in lines for column in columns if line.get(column)]
    return [f"{1 / value if inverted else value:.2f}" for value in values]


def format_times(lines):
    """In the unit that suits the shortest."""
    columns = ("median_ns", "median_ns_min", "median_ns_max")
    values = [float(line[column]) for line in lines for column in columns if line.get(column)]
    if not values:
        return ""
    units = {"ms": 1e6, "µs": 1e3, "ns": 1}
    unit = next((unit for unit, size in units.items() if min(values) >= size), "ns")
    values = [value / units[unit] for value in values]
    return format_range([f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}" for value in values], f" {unit}")


def print_by_values(shapes, conditions, kinds):
    """Shapes and kinds of values: the time of ours, divided by that on ordinary ones."""
    if "values" not in conditions:
        sys.exit("performance-table.py: --by-values: there is only one kind of values")
    place = 3 + conditions.index("values")
    cells = {}
    for shape, implementations in shapes.items():
        lines = [{"ratio": line["ratio"]} for line in implementations.get("ours_ordinary", [])]
        line = cells.setdefault((*shape[:place], *shape[place + 1:]), {})
        line[shape[place]] = format_range(ratios_of(lines, inverted=True))
    measured = [kind for kind in dict.fromkeys(kind for line in cells.values() for kind in line)
                if any(line.get(kind) for line in cells.values())]
    kinds = kinds or measured
    for kind in kinds:
        if kind not in measured:
            sys.exit(f"performance-table.py: --by-values: {kind} is none of {' '.join(measured)}")
    titles = ["rows × channels", "threads", *(condition for condition in conditions if condition != "values"), *kinds]
    print_table(titles, [[f"{shape[0]}×{shape[1]}", str(shape[2]), *shape[3:], *(line.get(kind, "") for kind in kinds)]
                         for shape, line in sorted(cells.items(), key=lambda item: order(item[0]))])


def print_table(titles, lines):
    """Markdown, in columns that eyes can follow as well."""
    widths = [max(map(len, column)) for column in zip(titles, *lines)]
    for cells in (titles, ["-" * width for width in widths], *lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=pathlib.Path, nargs="+", help="what compare --format=csv printed")
    parser.add_argument("--shape", help="only these, ROWSxCHANNELS separated by commas")
    parser.add_argument("--times", action="store_true", help="of ours, the time of a call instead of its speed")
    parser.add_argument("--by-values", metavar="KINDS", help="a column for each of these kinds of values, separated by "
                        "commas, or all: the time of ours divided by that on ordinary ones")
    options = parser.parse_args()
    conditions, shapes = read_runs(options.csv)
    if options.shape:
        wanted = {tuple(map(int, shape.split("x"))) for shape in options.shape.split(",")}
        shapes = {shape: implementations for shape, implementations in shapes.items() if shape[:2] in wanted}
    if options.by_values:
        print_by_values(shapes, conditions, [] if options.by_values == "all" else options.by_values.split(","))
        return
    columns = {name: title for name, title in COLUMNS.items() if any(name in shape for shape in shapes.values())}
    if "xnnpack_newest" in columns:
        columns.pop("upstream_like", None)  # no need of what stands for it
    speed = "ours" if options.times else "ours, 10⁹ elements/s"
    lines = []
    for shape, implementations in sorted(shapes.items(), key=lambda item: order(item[0])):
        rows, channels, threads, *of_conditions = shape
        ours = implementations.get("ours", [])
        cells = [f"{rows}×{channels}", str(threads), *of_conditions]
        speeds = format_range(f"{float(line['gelem_per_s']):.2f}" for line in ours)
        cells.append(format_times(ours) if options.times else speeds)
        cells += [format_range(ratios_of(implementations.get(name, []), name in INVERTED)) for name in columns]
        lines.append(cells)
    print_table(["rows × channels", "threads", *conditions, speed, *columns.values()], lines)


if __name__ == "__main__":
    main()
