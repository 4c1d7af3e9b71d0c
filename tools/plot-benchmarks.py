#!/usr/bin/python3
"""Draws what the benchmarks measured, as PNG. Every picture but `passes` shows a speedup: above 1 is better.

  peers       how much faster this library is than others, one row and batches, one thread: CSV of `compare`. Several
              files are several runs, or the lines of other peers: a line is the median of all, and the band around it
              their range with the spread that the CSV tells (columns ratio_min and ratio_max, if it has them)
  threads     the same on as many threads as the CSV has
  algorithms  each algorithm on each instruction set beside three passes that reload, as in the paper: CSV of
              `compare --isa=avx512f,avx2`, or Google Benchmark's JSON of //bench:softmax
  passes      the time of each algorithm split by pass, beside the time that reading, copying or scaling the same memory
              takes: JSON of the kernel programs and of //bench:bandwidth

With several JSON repetitions of a benchmark their median is drawn. "-" reads the standard input.
"""

import argparse
import collections
import csv
import io
import json
import math
import pathlib
import re
import statistics
import sys

import debian_packages

debian_packages.need("matplotlib")

import matplotlib
import matplotlib.ticker
from kernel_generator import GENERATOR

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend comes first)
from matplotlib.patches import Patch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What a comparison cannot do without; of other columns, those that are there are read.
CSV_FIELDS = {"rows": int, "channels": int, "threads": int, "implementation": str, "ratio": float}
OPTIONAL_CSV_FIELDS = {"ratio_min": float, "ratio_max": float}
# What was measured under different conditions is not one line.
CONDITIONS = ("values", "temperature", "pages")

ALGORITHM_TITLES = {
    "two_pass": "two passes",
    "three_pass_recompute": "three passes, recompute",
    "three_pass_reload": "three passes, reload",
    "blocked": "blocks (ours)",
}
# The passes of each algorithm: kernel family, and the motion of memory that it cannot do without.
PASSES = {
    "two_pass": [("f32-raddextexp", "read"), ("f32-vscaleextexp", "copy")],
    "three_pass_recompute": [
        ("f32-rmax", "read"), ("f32-raddexpminusmax", "read"), ("f32-vscaleexpminusmax", "copy")],
    "three_pass_reload": [("f32-rmax", "read"), ("f32-raddstoreexpminusmax", "copy"), ("f32-vmulc", "scale_in_place")],
    "blocked": [("f32-raddstoreexpminusmax", "copy"), ("f32-vmulc", "scale_in_place")],
}
ISA_TITLES = {"avx512f": "AVX-512", "avx2": "AVX2"}
PEER_TITLES = {
    "xnnpack": "XNNPACK of\nFebruary 2022",
    "onednn": "oneDNN 2.6.3",
    "xnnpack_newest": "XNNPACK of\nAugust 2026",
    "upstream_like": "stand-in for the\nnewest XNNPACK",
}
# The stand-in has no operator around it: for shorter rows it is faster than what it stands for.
STAND_IN_FROM_CHANNELS = 1024
BASELINE = "three_pass_reload"  # of the algorithms

# Okabe and Ito's colours, which the colour-blind can tell apart; one implementation has one colour in all pictures.
COLOURS = {
    "xnnpack": "#0072B2",
    "onednn": "#009E73",
    "xnnpack_newest": "#E69F00",
    "upstream_like": "#E69F00",
    "blocked": "#D55E00",
    "two_pass": "#CC79A7",
    "three_pass_recompute": "#56B4E9",
    "three_pass_reload": "#000000",
}
STYLES = {"upstream_like": "--"}
MARKERS = {"xnnpack": "s", "onednn": "^", "xnnpack_newest": "o", "upstream_like": "o", "blocked": "D", "two_pass": "o",
           "three_pass_recompute": "s"}
PASS_COLOURS = ["#404040", "#909090", "#D0D0D0"]


class BadInput(Exception):
    """Why a file cannot be drawn, in one line."""


# --- the machine ---------------------------------------------------------------------------------------------------

class Machine:
    """A processor's name and the sizes of its caches, from a line such as //bench:compare prints."""

    def __init__(self, description):
        # Without the caches, which have their lines in the picture.
        self.name = ", ".join(part for part in description.split(", ") if not re.match(r"L[1-4] ", part))
        units = {"KiB": 1024, "MiB": 1024 * 1024}
        self.caches = {
            level: int(size) * units[unit]
            for level, size, unit in re.findall(r"(L[1-4]) (\d+) (KiB|MiB)", description)
        }


def describe_this_machine():
    """The same line for the machine that this runs on, from the system's files."""
    names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    parts = [names[0] if names else "unknown processor"]
    for cache in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        if (cache / "type").read_text().strip() != "Instruction":
            size = (cache / "size").read_text().strip()
            parts.append(f"L{(cache / 'level').read_text().strip()} {size.rstrip('K')} KiB")
    return ", ".join(parts)


# --- reading -------------------------------------------------------------------------------------------------------

def read_text(path):
    return sys.stdin.read() if path == "-" else pathlib.Path(path).read_text()


def read_comparison(path, text):
    """The lines of a comparison, numbers as numbers; what is not there or empty is left out."""
    reader = csv.DictReader(io.StringIO(text))
    missing = [field for field in CSV_FIELDS if field not in (reader.fieldnames or [])]
    if missing:
        raise BadInput(f"{path}: not the CSV of //bench:compare: it has no column {missing[0]}")
    lines = []
    for line in reader:
        try:
            values = {field: convert(line[field]) for field, convert in CSV_FIELDS.items()}
            for field, convert in OPTIONAL_CSV_FIELDS.items():
                if line.get(field):
                    values[field] = convert(line[field])
            for field in CONDITIONS:
                if line.get(field):
                    values[field] = line[field]
        except (TypeError, ValueError) as error:
            raise BadInput(f"{path}, line {reader.line_num}: {error}") from error
        lines.append(values)
    for field in CONDITIONS:
        kinds = sorted({line[field] for line in lines if field in line})
        if len(kinds) > 1:
            raise BadInput(f"{path}: {field} of several kinds ({', '.join(kinds)}); a picture shows one")
    return lines


Speedup = collections.namedtuple("Speedup", "low middle high")


def read_speedups(paths):
    """{(rows, channels, threads): {peer: Speedup}} in the order of the lines, and the temperature of the calls."""
    temperature = "warm"  # unless the CSV says otherwise
    ratios = collections.defaultdict(lambda: collections.defaultdict(list))
    for path in paths:
        for line in read_comparison(path, read_text(path)):
            temperature = line.get("temperature", temperature)
            if line["implementation"] in PEER_TITLES:
                shape = (line["rows"], line["channels"], line["threads"])
                ratio = line["ratio"]
                ratios[shape][line["implementation"]].append(
                    Speedup(line.get("ratio_min", ratio), ratio, line.get("ratio_max", ratio)))
    speedups = {}
    for shape, peers in ratios.items():
        speedups[shape] = {
            peer: Speedup(min(run.low for run in runs), statistics.median(run.middle for run in runs),
                          max(run.high for run in runs))
            for peer, runs in peers.items()}
    # The newest XNNPACK itself, where a file has it, instead of what stands for it.
    measured = any("xnnpack_newest" in peers for peers in speedups.values())
    for (_, channels, _), peers in speedups.items():
        if measured or channels < STAND_IN_FROM_CHANNELS:
            peers.pop("upstream_like", None)
    return {shape: peers for shape, peers in speedups.items() if peers}, temperature


def read_benchmarks(path, text):
    """{name: nanoseconds an element}, the median of repetitions, from Google Benchmark's JSON."""
    try:
        benchmarks = json.loads(text)["benchmarks"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path}: neither CSV of //bench:compare nor JSON of Google Benchmark") from error
    values = collections.defaultdict(list)
    for benchmark in benchmarks:
        if benchmark.get("run_type") == "iteration" and not benchmark.get("error_occurred"):
            values[benchmark["run_name"]].append(1e9 / benchmark["items_per_second"])
    return {name: statistics.median(times) for name, times in values.items()}


def require(values, what, path):
    if not values:
        raise BadInput(f"{path}: nothing about {what} in it")
    return values


# --- drawing -------------------------------------------------------------------------------------------------------

def set_up_style():
    plt.rcParams.update({
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
    })


def readable_count(value, _position=None):
    """In units of 2^20 or 2^10 where that comes out even: 31.25 K would hide that somebody asked for 32000."""
    for power, unit in ((20, "M"), (10, "K")):
        if value >= 1 << power and value % (1 << power) == 0:
            return f"{value / (1 << power):g} {unit}"
    return f"{value:.0f}"


def readable_threads(threads):
    return "one thread" if threads == 1 else f"{threads} threads"


def finish_length_axis(axes, lengths):
    axes.set_xscale("log", base=2)
    axes.set_xlim(min(lengths) / 1.3, max(lengths) * 1.3)
    exponents = range(int(math.log2(min(lengths))), int(math.log2(max(lengths))) + 1)
    axes.set_xticks([2**exponent for exponent in exponents if exponent % 3 == 0])
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.xaxis.set_major_formatter(readable_count)
    axes.set_xlabel("elements in the row (K, M: powers of 1024)")


def finish_speedup_axis(axes, low, high):
    """Logarithmic, so that twice as fast and half as fast are as far from 1, which is always in the picture."""
    low, high = min(low, 1) / 1.12, max(high, 1) * 1.12
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    if high / low < 4:
        ticks = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3]
    elif high / low < 20:
        ticks = [0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16]
    else:
        ticks = [2.0**power for power in range(-8, 13)]
    axes.set_yticks([tick for tick in ticks if low < tick < high])
    axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _position: f"{value:.3g}×")
    axes.axhspan(low, 1, color="black", alpha=0.06, linewidth=0, zorder=0)
    axes.axhline(1, color="black", linewidth=1.8, zorder=1)


def mark_caches(axes, machine, lengths):
    """A line where input and output together fill a cache."""
    for level, size in machine.caches.items():
        elements = size / 8
        if min(lengths) < elements < max(lengths):
            axes.axvline(elements, color="grey", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
            axes.text(elements, 1.0, f"{level} full", transform=axes.get_xaxis_transform(), color="grey", fontsize=9,
                      ha="center", va="bottom")


def put_titles(axes, title, subtitle):
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold", pad=38)
    axes.annotate(subtitle, (0, 1), (0, 20), xycoords="axes fraction", textcoords="offset points", color="dimgrey")


def name_lines(axes, ends):
    """Names at the right of the lines instead of a legend; those that would touch are moved apart."""
    low, high = (math.log(limit) for limit in axes.get_ylim())
    distance = 0.13 * (high - low)
    texts = sorted((math.log(y), text, colour) for text, colour, y in ends)
    places = [y for y, _, _ in texts]
    for _ in range(100):
        for index in range(len(places) - 1):
            lack = distance - (places[index + 1] - places[index])
            if lack > 1e-6:
                places[index] -= lack / 2
                places[index + 1] += lack / 2
    for place, (_, text, colour) in zip(places, texts):
        axes.text(1.01, (place - low) / (high - low), text, transform=axes.transAxes, color=colour, fontweight="bold",
                  fontsize=10, va="center", linespacing=0.95)


def save(figure, options, note):
    figure.text(0.01, 0.008, f"{note} {options.note}".strip(), fontsize=8.5, color="dimgrey", ha="left", va="bottom")
    path = pathlib.Path(f"{options.output}.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    print(path)
    plt.close(figure)


def draw_rows(axes, speedups, machine):
    """One row: a line for each peer, over the row's length; speedups is {channels: {peer: Speedup}}."""
    ends = []
    for peer, title in PEER_TITLES.items():
        line = sorted((channels, peers[peer]) for channels, peers in speedups.items() if peer in peers)
        if not line:
            continue
        lengths, values = zip(*line)
        axes.fill_between(lengths, [value.low for value in values], [value.high for value in values],
                          color=COLOURS[peer], alpha=0.22, linewidth=0)
        axes.plot(lengths, [value.middle for value in values], marker=MARKERS[peer], markersize=4, linewidth=2,
                  color=COLOURS[peer], linestyle=STYLES.get(peer, "-"))
        ends.append((title, COLOURS[peer], values[-1].middle))
    finish_length_axis(axes, speedups)
    mark_caches(axes, machine, speedups)
    return ends


def draw_batches(axes, speedups):
    """Batches: a point for each peer, over {(rows, channels): {peer: Speedup}} in order of the channels."""
    shapes = sorted(speedups, key=lambda shape: (shape[1], shape[0]))
    peers = [peer for peer in PEER_TITLES if any(peer in of_shape for of_shape in speedups.values())]
    ends = []
    for index, peer in enumerate(peers):
        points = [(position + 0.16 * (index - (len(peers) - 1) / 2), speedups[shape][peer])
                  for position, shape in enumerate(shapes) if peer in speedups[shape]]
        positions, values = zip(*points)
        axes.vlines(positions, [value.low for value in values], [value.high for value in values], color=COLOURS[peer],
                    linewidth=6, alpha=0.3)
        # From 1 to the point: its length is the gain.
        axes.vlines(positions, 1, [value.middle for value in values], color=COLOURS[peer], linewidth=1.5,
                    linestyle=STYLES.get(peer, "-"))
        axes.plot(positions, [value.middle for value in values], MARKERS[peer], markersize=6, color=COLOURS[peer])
        ends.append((PEER_TITLES[peer], COLOURS[peer], values[-1].middle))
    axes.set_xticks(range(len(shapes)), [f"{rows} × {channels}" for rows, channels in shapes])
    if len(shapes) > 6:
        axes.tick_params(axis="x", rotation=35, labelsize=9)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(shapes) - 0.4)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel("rows × elements in a row")
    return ends


def plot_speedups(options, machine, temperature, panels):
    """Panels are (title, threads, speedups), one below the other with the same ordinate."""
    values = [value for _, _, speedups in panels for peers in speedups.values() for value in peers.values()]
    low, high = min(value.low for value in values), max(value.high for value in values)
    figure, all_axes = plt.subplots(len(panels), 1, figsize=(9.2, 0.4 + 4.1 * len(panels)), squeeze=False)
    for axes, (title, threads, speedups) in zip(all_axes[:, 0], panels):
        if isinstance(next(iter(speedups)), tuple):
            ends = draw_batches(axes, speedups)
        else:
            ends = draw_rows(axes, speedups, machine)
        finish_speedup_axis(axes, low, high)
        name_lines(axes, ends)
        axes.set_ylabel("time of the other / ours")
        put_titles(axes, f"Speedup of xnnpack-softmax: {title}, {readable_threads(threads)}",
                   f"{machine.name}, {temperature}. Above 1 xnnpack-softmax is faster, below (grey) slower.")
    figure.tight_layout(rect=(0, 0.03, 1, 1), h_pad=2.5)
    spread = " Bands: range of all runs." if any(value.low < value.high for value in values) else ""
    save(figure, options, f"Medians of interleaved rounds.{spread}")


def plot_peers_on(threads, speedups, temperature, options, machine):
    rows = {}
    batches = {}
    for (count, channels, threads_of_line), peers in speedups.items():
        if threads_of_line == threads:
            if count == 1:
                rows[channels] = peers
            else:
                batches[count, channels] = peers
    if 0 < len(rows) < 4:  # too few for a line
        batches.update({(1, channels): peers for channels, peers in rows.items()})
        rows = {}
    panels = []
    if rows:
        panels.append(("one row", threads, rows))
    if batches:
        panels.append(("batches" if rows else "by shape", threads, batches))
    require(panels, readable_threads(threads), " ".join(options.inputs))
    plot_speedups(options, machine, temperature, panels)


def plot_peers(options, machine):
    plot_peers_on(options.threads, *read_speedups(options.inputs), options, machine)


def plot_threads(options, machine):
    speedups, temperature = read_speedups(options.inputs)
    threads = max((threads for _, _, threads in speedups), default=1)
    if threads == 1:
        raise BadInput(f"{' '.join(options.inputs)}: nothing about more than one thread in it")
    plot_peers_on(threads, speedups, temperature, options, machine)


def algorithm_times(path):
    """{isa: {algorithm: {length: nanoseconds}}}, and whether warm (CSV) or cold (JSON)."""
    text = read_text(path)
    times = collections.defaultdict(lambda: collections.defaultdict(dict))
    if text.startswith("rows,"):
        for line in read_comparison(path, text):
            match = re.fullmatch(r"ours:(\w+?)(?:\+ordinary_stores)?@(\w+)", line["implementation"])
            if match and line["rows"] == 1 and line["threads"] == 1:
                times[match[2]][match[1]][line["channels"]] = line["ratio"]  # the unit does not matter
        return require(times, "ours:ALGORITHM@ISA with one row and one thread", path), "warm"
    for name, nanoseconds in read_benchmarks(path, text).items():
        match = re.fullmatch(r"(\w+)/(\w+)/(\d+)/cold", name)
        if match and match[1] in ALGORITHM_TITLES:
            times[match[2]][match[1]][int(match[3])] = nanoseconds
    return require(times, "ALGORITHM/ISA/ELEMENTS/cold", path), "cold"


def plot_algorithms(options, machine):
    times, temperature = algorithm_times(options.inputs[0])
    gains = {}
    for isa, algorithms in times.items():
        baseline = require(algorithms.get(BASELINE), f"{BASELINE} on {isa}", options.inputs[0])
        gains[isa] = {
            algorithm: [(length, baseline[length] / line[length]) for length in sorted(line) if length in baseline]
            for algorithm, line in algorithms.items() if algorithm != BASELINE}
    values = [gain for algorithms in gains.values() for line in algorithms.values() for _, gain in line]
    figure, all_axes = plt.subplots(len(gains), 1, figsize=(9.2, 0.5 + 4.5 * len(gains)), squeeze=False)
    for axes, (isa, algorithms) in zip(all_axes[:, 0], gains.items()):
        ends = []
        for algorithm, line in algorithms.items():
            axes.plot(*zip(*line), marker=MARKERS.get(algorithm, "x"), markersize=4, linewidth=2,
                      color=COLOURS.get(algorithm))
            ends.append((ALGORITHM_TITLES.get(algorithm, algorithm).replace(", ", ",\n"), COLOURS.get(algorithm),
                         line[-1][1]))
        lengths = [length for line in algorithms.values() for length, _ in line]
        finish_length_axis(axes, lengths)
        mark_caches(axes, machine, lengths)
        finish_speedup_axis(axes, min(values), max(values))
        name_lines(axes, ends)
        axes.set_ylabel("time of reload / its time")
        put_titles(axes, f"The paper's algorithms with {ISA_TITLES.get(isa, isa)}, beside three passes that reload",
                   f"{machine.name}, one row, one thread, {temperature}. Above 1 faster than reload, below slower.")
    figure.tight_layout(rect=(0, 0.03, 1, 1), h_pad=2.5)
    save(figure, options, "Medians of interleaved rounds.")


def default_kernels():
    """{(family, isa): kernel's name}, in the order of kernels.bzl."""
    tables = GENERATOR.read_kernel_list(ROOT / "kernels.bzl")
    return {(row["family"], row["isa"]): GENERATOR.kernel_name(row) for row in tables["KERNELS"] if row["default"]}


def stack(axes, position, values, hatched):
    """One bar of passes; the memory's own time is hatched."""
    bottom = 0.0
    for value, colour in zip(values, PASS_COLOURS):
        axes.bar(position, value, width=0.36, bottom=bottom, color="white" if hatched else colour, edgecolor=colour,
                 hatch="////" if hatched else None, linewidth=1.0)
        bottom += value
    axes.text(position, bottom, f"{bottom:.0f}", ha="center", va="bottom", fontsize=8)


def plot_passes(options, machine):
    times = {}
    for path in options.inputs:
        times.update(read_benchmarks(path, read_text(path)))
    kernels = default_kernels()
    suffixes = collections.OrderedDict.fromkeys(
        re.sub(r"^\w+/", "", name) for name in times if name.startswith("read/"))
    require(suffixes, "read/ELEMENTS/TEMPERATURE (of //bench:bandwidth)", " ".join(options.inputs))
    isas = [isa for isa in collections.OrderedDict.fromkeys(isa for _, isa in kernels) if isa != "scalar"]
    figure, all_axes = plt.subplots(len(suffixes), 1, figsize=(9.2, 0.8 + 4.3 * len(suffixes)), squeeze=False)
    for axes, suffix in zip(all_axes[:, 0], suffixes):
        ticks = []
        for isa in isas:
            for algorithm, passes in PASSES.items():
                names = [kernels.get((family, isa), "") + "/" + suffix for family, _ in passes]
                if not all(name in times for name in names):
                    continue
                position = len(ticks) + 0.5 * isas.index(isa)
                stack(axes, position - 0.2, [1e3 * times[name] for name in names], hatched=False)
                stack(axes, position + 0.2, [1e3 * times[f"{motion}/{suffix}"] for _, motion in passes], hatched=True)
                title = ALGORITHM_TITLES[algorithm].replace(", ", ",\n")
                ticks.append((position, f"{title}\n{ISA_TITLES.get(isa, isa)}"))
        require(ticks, f"the default kernels at {suffix}", " ".join(options.inputs))
        axes.set_xticks(*zip(*ticks), fontsize=9)
        axes.grid(axis="x", visible=False)
        elements, temperature = suffix.split("/")
        put_titles(axes, f"Time of each pass, {readable_count(int(elements))} elements, {temperature}",
                   f"{machine.name}, one row, one thread, ordinary stores. Lower is faster.")
        axes.set_ylabel("picoseconds an element")
    handles = [Patch(facecolor=colour, edgecolor=colour, label=label)
               for colour, label in zip(PASS_COLOURS, ("first pass", "second pass", "third pass"))]
    handles.append(
        Patch(facecolor="white", edgecolor="grey", hatch="////", label="reading, copying or scaling the same memory"))
    figure.legend(handles=handles, loc="lower center", ncol=4, bbox_to_anchor=(0.5, 0.025), fontsize=10)
    figure.tight_layout(rect=(0, 0.06, 1, 1), h_pad=2.5)
    save(figure, options, "Medians.")


FIGURES = {
    "peers": plot_peers,
    "threads": plot_threads,
    "algorithms": plot_algorithms,
    "passes": plot_passes,
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("inputs", nargs="+", help="CSV or JSON")
    parser.add_argument("--output", help="path without suffix (default: the figure's name)")
    parser.add_argument("--machine", help="the processor and its caches, as `compare --machine` prints them "
                        "(default: this machine's)")
    parser.add_argument("--threads", type=int, default=1, help="with `peers`: draw the lines of so many threads")
    parser.add_argument("--note", default="", help="to stand below the figure")
    options = parser.parse_args()
    options.output = options.output or options.figure
    if options.figure == "algorithms" and len(options.inputs) != 1:
        parser.error(f"{options.figure} draws one file")
    return options


def main():
    options = parse_arguments()
    set_up_style()
    try:
        FIGURES[options.figure](options, Machine(options.machine or describe_this_machine()))
    except (BadInput, OSError) as error:
        print(f"plot-benchmarks.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
