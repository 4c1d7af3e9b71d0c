#!/usr/bin/python3
"""Derives the sizes at which one way of computing softmax overtakes another, as fractions of the cache sizes.

Runs //bench:compare at row lengths around each cache, with every algorithm forced, with and without stores around the
caches, all in the same rounds, and prints for each pair up to where one is faster and from where on the other is. The
constants of src/configs/softmax-algorithm.c come from here. With --csv FILE nothing is run: FILE holds the output of an
earlier run.

Build first: bazel build -c opt //bench:compare; --compare names the program.
"""

import argparse
import csv
import io
import pathlib
import re
import subprocess
import sys

# What may overtake what. A name is that of //bench:compare without "ours".
PAIRS = [
    (":blocked", ":two_pass"),
    (":three_pass_reload", ":blocked"),
    (":three_pass_recompute", ":two_pass"),
    (":two_pass+ordinary_stores", ":two_pass"),
    (":blocked+ordinary_stores", ":blocked"),
]


def sizes_around(cache_bytes):
    """Row lengths whose input and output together are 1/8 to 16 times the cache, four to the octave."""
    return [round(cache_bytes / 8 * 2 ** (step / 4)) // 16 * 16 for step in range(-12, 17)]


def run_compare(options, cache_bytes):
    shapes = ",".join(f"{options.rows}x{length // options.rows}" for length in sizes_around(cache_bytes))
    command = [options.compare, f"--shape={shapes}", "--peer=none", "--stores=automatic,ordinary", "--format=csv",
               f"--isa={options.isa}", f"--threads={options.threads}", f"--seconds={options.seconds}"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def read_times(text, isa):
    """{threads: {elements: {name: time as a multiple of ours in the same rounds}}} for one instruction set."""
    times = {}
    for line in csv.DictReader(io.StringIO(text)):
        name, _, line_isa = line["implementation"].partition("@")
        if line_isa == isa:
            elements = int(line["rows"]) * int(line["channels"])
            lengths = times.setdefault(int(line["threads"]), {})
            lengths.setdefault(elements, {})[name.removeprefix("ours")] = float(line["ratio"])
    return times


def describe_length(elements, caches):
    fractions = ", ".join(f"{8 * elements / size:.2g} x {level}" for level, size in caches.items() if level != "L1")
    return f"{elements} elements (input and output together {fractions})"


def report_pair(lengths, before, after, options, caches):
    """Up to where `before` is faster, and from where on `after` is, in both cases beyond the margin."""
    gains = {n: values[before] / values[after] for n, values in sorted(lengths.items())
             if before in values and after in values}
    if not gains:
        return
    least, most = (100 * (gain - 1) for gain in (min(gains.values()), max(gains.values())))
    print(f"  {after} against {before}: {least:+.0f} % to {most:+.0f} %")
    up_to, since = None, None
    for n, gain in gains.items():
        if gain * (1 + options.margin) < 1:
            up_to, since = n, None
        elif gain > 1 + options.margin and since is None:
            since = n
    if up_to is None and since is None:
        print("    the same within the margin, everywhere")
    if up_to is not None:
        print(f"    {before} is faster for the last time at {describe_length(up_to, caches)}")
    if since is not None:
        print(f"    {after} is faster, and never slower again, from {describe_length(since, caches)}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", default="bazel-bin/bench/compare", help="the program (default: %(default)s)")
    parser.add_argument("--csv", type=pathlib.Path, help="analyse this instead of measuring")
    parser.add_argument("--save", type=pathlib.Path, help="write the measurements here")
    parser.add_argument("--isa", default="avx512f,avx2", help="instruction sets (default: %(default)s)")
    parser.add_argument("--threads", default="1", help="numbers of threads (default: %(default)s)")
    parser.add_argument("--rows", type=int, default=1, help="rows that share the elements (default: 1)")
    parser.add_argument("--margin", type=float, default=0.03, help="less is called the same (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each length (default: 1)")
    return parser.parse_args()


def main():
    options = parse_arguments()
    try:
        describe = [options.compare, "--machine"]
        machine = subprocess.run(describe, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        caches = {level: int(size) * (1024 if unit == "KiB" else 1 << 20)
                  for level, size, unit in re.findall(r"(L[1-4]) (\d+) (KiB|MiB)", machine)}
        text = options.csv.read_text() if options.csv else run_compare(options, max(caches.values()))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"derive-thresholds.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.save:
        options.save.write_text(text)
    print(machine)
    for isa in options.isa.split(","):
        for threads, lengths in read_times(text, isa).items():
            print(f"\n{isa}, {threads} {'thread' if threads == 1 else 'threads'}:")
            for before, after in PAIRS:
                report_pair(lengths, before, after, options, caches)
    return 0


if __name__ == "__main__":
    sys.exit(main())
