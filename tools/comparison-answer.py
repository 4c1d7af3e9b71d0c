#!/usr/bin/python3
"""Says in a sentence for each peer whether this library was faster, where, and by how much, from the CSV of //bench:compare."""

import argparse
import csv
import pathlib
import sys

PEERS = {"xnnpack": "the packaged XNNPACK", "onednn": "oneDNN"}


def answer(peer, ratios):
    """The sentence for {shape: time of the peer / ours}."""
    faster = {shape: ratio for shape, ratio in ratios.items() if ratio > 1.0}
    slower = {shape: ratio for shape, ratio in ratios.items() if ratio <= 1.0}
    sentence = f"This library is faster than {PEERS[peer]} at {len(faster)} of {len(ratios)} shapes"
    if faster:
        sentence += f", {min(faster.values()):.2f} to {max(faster.values()):.2f} times"
    if slower:
        sentence += "; not at " + ", ".join(f"{shape} ({ratio:.2f})" for shape, ratio in slower.items())
    return sentence + "."


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", type=pathlib.Path, help="what compare --format=csv printed")
    ratios = {}
    with open(parser.parse_args().csv, newline="") as file:
        for line in csv.DictReader(file):
            if line["implementation"] in PEERS:
                shape = f"{line['rows']}×{line['channels']}"
                ratios.setdefault(line["implementation"], {})[shape] = float(line["ratio"])
    if not ratios:
        sys.exit("nothing was measured beside this library")
    for peer, of_peer in ratios.items():
        print(answer(peer, of_peer))


if __name__ == "__main__":
    main()
