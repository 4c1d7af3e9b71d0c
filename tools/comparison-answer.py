#!/usr/bin/python3
"""Says in a sentence for each peer whether this library is faster, where, and by how much, from the CSV of
//bench:compare. A peer is slower or faster where it was so in every process, and else as fast."""

import argparse
import csv
import pathlib
import sys

PEERS = {"xnnpack": "the packaged XNNPACK", "onednn": "oneDNN"}
# docs/benchmarks.md says why.
STAND_IN = "The stand-in for the newest XNNPACK, which no package has, decides nothing: on short rows it misleads."


def list_shapes(lines):
    return ", ".join(f"{line['shape']} ({line['ratio']:.2f})" for line in lines)


def answer(peer, lines):
    faster = [line for line in lines if line["ratio_min"] > 1]
    slower = [line for line in lines if line["ratio_max"] < 1]
    neither = [line for line in lines if line not in faster and line not in slower]
    sentence = f"This library is faster than {PEERS[peer]} at {len(faster) or 'none'} of {len(lines)} shapes"
    if faster:
        least = min(faster, key=lambda line: line["ratio"])
        most = max(faster, key=lambda line: line["ratio"])
        sentence += f": {least['ratio']:.2f} times as fast at {least['shape']}"
        if most is not least:
            sentence += f" to {most['ratio']:.2f} times at {most['shape']}"
    if neither:
        sentence += f"; as fast, within the spread, at {list_shapes(neither)}"
    if slower:
        sentence += f"; slower at {list_shapes(slower)}"
    return sentence + "."


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", type=pathlib.Path, help="what compare --format=csv printed")
    peers = {}
    disturbed = {}  # in the order of the lines
    has_stand_in = False
    with open(parser.parse_args().csv, newline="") as file:
        for line in csv.DictReader(file):
            shape = f"{line['rows']}×{line['channels']}"
            disturbed[shape] = line.get("disturbed") == "1"
            if line["implementation"] in PEERS:
                ratios = {column: float(line[column]) for column in ("ratio", "ratio_min", "ratio_max")}
                peers.setdefault(line["implementation"], {})[shape] = {"shape": shape, **ratios}
            has_stand_in |= line["implementation"] == "upstream_like"
    if not peers:
        sys.exit("comparison-answer.py: nothing was measured beside this library")
    for peer, lines in peers.items():
        print(answer(peer, list(lines.values())))
    if has_stand_in:
        print(STAND_IN)
    if any(disturbed.values()):
        print(f"Do not believe it: other programs ran while {sum(disturbed.values())} of {len(disturbed)} shapes were "
              "measured. Try again when nothing else runs.")


if __name__ == "__main__":
    main()
