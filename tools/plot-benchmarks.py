#!/usr/bin/python3
"""Draws what the benchmarks measured, as PNG and SVG.

  algorithms  elements per second over the row's length, each algorithm on each instruction set:
              CSV of `compare --isa=avx512f,avx2`, or Google Benchmark's JSON of //bench:softmax
  passes      the time of each algorithm split by pass, beside the time that reading, copying or scaling the same memory
              takes: JSON of the kernel programs and of //bench:bandwidth
  threads     the gain from threads: CSV of `compare --threads=1,2`
  peers       this library beside others: CSV of `compare`

With several JSON repetitions of a benchmark their median is drawn. "-" reads the standard input.
"""

import argparse
import collections
import csv
import io
import json
import pathlib
import re
import statistics
import sys

import matplotlib
from kernel_generator import GENERATOR

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend comes first)
from matplotlib.patches import Patch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
CSV_FIELDS = ["rows", "channels", "threads", "implementation", "median_ns", "min_ns", "max_ns", "gelem_per_s", "ratio"]

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
    "blocked": [("f32-raddstoreexpminusestimate", "copy"), ("f32-vmulc", "scale_in_place")],
}
PEER_TITLES = {
    "ours": "xnnpack-softmax",
    "xnnpack": "XNNPACK (packaged)",
    "onednn": "oneDNN",
    "expf_loop": "loop over expf",
    "upstream_like": "stand-in for newest XNNPACK",
    "limit": "limit of the memory",
}
# Okabe and Ito's colours, which the colour-blind can tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
ALGORITHM_COLOURS = {
    "two_pass": VERMILION, "three_pass_recompute": BLUE, "three_pass_reload": GREEN, "blocked": PURPLE}
PEER_COLOURS = {
    "ours": VERMILION, "xnnpack": BLUE, "onednn": GREEN, "expf_loop": PURPLE, "upstream_like": ORANGE, "limit": BLACK}
PEER_STYLES = {"upstream_like": "--", "limit": ":"}
PASS_COLOURS = [SKY, ORANGE, GREEN]
MARKERS = {"two_pass": "o", "three_pass_recompute": "s", "three_pass_reload": "^", "blocked": "D"}


class BadInput(Exception):
    """Why a file cannot be drawn, in one line."""


# --- the machine ---------------------------------------------------------------------------------------------------

class Machine:
    """A processor's name and the sizes of its caches, from a line such as //bench:compare prints."""

    def __init__(self, description):
        self.description = description
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
    """The lines of a comparison, numbers as numbers."""
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != CSV_FIELDS:
        raise BadInput(f"{path}: not the CSV of //bench:compare, whose header is {','.join(CSV_FIELDS)}")
    lines = []
    for line in reader:
        for field in CSV_FIELDS:
            if field != "implementation":
                line[field] = (int if field in ("rows", "channels", "threads") else float)(line[field])
        lines.append(line)
    return lines


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
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "svg.hashsalt": "xnnpack-softmax",  # the same picture gives the same file
    })


def readable_count(value, _position=None):
    """In units of 2^20 or 2^10 where that comes out even: 31.25 K would hide that somebody asked for 32000."""
    for power, unit in ((20, "M"), (10, "K")):
        if value >= 1 << power and value % (1 << power) == 0:
            return f"{value / (1 << power):g} {unit}"
    return f"{value:.0f}"


def finish_length_axis(axes, lengths):
    axes.set_xscale("log", base=2)
    axes.set_xlim(min(lengths) / 1.3, max(lengths) * 1.3)
    axes.xaxis.set_major_formatter(readable_count)
    axes.set_xlabel("elements in the row (K, M: powers of 1024)")


def mark_caches(axes, machine, lengths):
    """A line where input and output together fill a cache."""
    for level, size in machine.caches.items():
        elements = size / 8
        if min(lengths) < elements < max(lengths):
            axes.axvline(elements, color="grey", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
            axes.text(elements, 1.0, f" {level} full", transform=axes.get_xaxis_transform(), color="grey", fontsize=8,
                      ha="center", va="bottom")


def put_legend_below(axes):
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncol=3, fontsize=9)


def save(figure, options, machine, note):
    figure.text(0.01, 0.008, f"{machine.description}. {note}", fontsize=7.5, color="dimgrey", ha="left", va="bottom")
    for suffix in ("png", "svg"):
        path = pathlib.Path(f"{options.output}.{suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, metadata={"Date": None} if suffix == "svg" else None)
        print(path)
    plt.close(figure)


def algorithm_points(path):
    """{isa: {algorithm: [(length, billions of elements per second)]}}, and whether warm (CSV) or cold (JSON)."""
    text = read_text(path)
    points = collections.defaultdict(lambda: collections.defaultdict(list))
    if text.startswith("rows,"):
        for line in read_comparison(path, text):
            match = re.fullmatch(r"ours:(\w+?)(?:\+ordinary_stores)?@(\w+)", line["implementation"])
            if match and line["rows"] == 1 and line["threads"] == 1:
                points[match[2]][match[1]].append((line["channels"], line["gelem_per_s"]))
        return require(points, "ours:ALGORITHM@ISA with one row and one thread", path), "warm"
    for name, nanoseconds in read_benchmarks(path, text).items():
        match = re.fullmatch(r"(\w+)/(\w+)/(\d+)/cold", name)
        if match and match[1] in ALGORITHM_TITLES:
            points[match[2]][match[1]].append((int(match[3]), 1 / nanoseconds))
    return require(points, "ALGORITHM/ISA/ELEMENTS/cold", path), "cold"


def plot_algorithms(options, machine):
    points, temperature = algorithm_points(options.inputs[0])
    figure, all_axes = plt.subplots(1, len(points), figsize=(5.2 * len(points), 4.3), sharey=True, squeeze=False)
    for axes, (isa, algorithms) in zip(all_axes[0], points.items()):
        lengths = [length for line in algorithms.values() for length, _ in line]
        for algorithm, line in algorithms.items():
            axes.plot(*zip(*sorted(line)), marker=MARKERS.get(algorithm, "x"), markersize=4, linewidth=1.5,
                      color=ALGORITHM_COLOURS.get(algorithm), label=ALGORITHM_TITLES.get(algorithm, algorithm))
        finish_length_axis(axes, lengths)
        mark_caches(axes, machine, lengths)
        axes.set_title(isa, pad=18)
        axes.set_ylim(bottom=0)
    all_axes[0][0].set_ylabel("billion elements per second")
    all_axes[0][0].legend(loc="best")
    figure.suptitle("Softmax of one row, one thread")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    save(figure, options, machine, f"{temperature.capitalize()} calls; medians. {options.note}".strip())


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
    figure, all_axes = plt.subplots(1, len(suffixes), figsize=(7.0 * len(suffixes), 5.0), squeeze=False)
    for axes, suffix in zip(all_axes[0], suffixes):
        ticks = []
        for isa in isas:
            for algorithm, passes in PASSES.items():
                names = [kernels.get((family, isa), "") + "/" + suffix for family, _ in passes]
                if not all(name in times for name in names):
                    continue
                position = len(ticks) + 0.5 * isas.index(isa)
                stack(axes, position - 0.2, [1e3 * times[name] for name in names], hatched=False)
                stack(axes, position + 0.2, [1e3 * times[f"{motion}/{suffix}"] for _, motion in passes], hatched=True)
                title = ALGORITHM_TITLES[algorithm].replace(" ", "\n")
                ticks.append((position, f"{title}\n{isa}"))
        require(ticks, f"the default kernels at {suffix}", " ".join(options.inputs))
        axes.set_xticks(*zip(*ticks), fontsize=8)
        axes.grid(axis="x", visible=False)
        elements, temperature = suffix.split("/")
        axes.set_title(f"{readable_count(int(elements))} elements, {temperature}")
        axes.set_ylabel("picoseconds an element")
    handles = [Patch(facecolor=colour, edgecolor=colour, label=label)
               for colour, label in zip(PASS_COLOURS, ("first pass", "second pass", "third pass"))]
    handles.append(
        Patch(facecolor="white", edgecolor="grey", hatch="////", label="the memory's own time for that pass"))
    figure.legend(handles=handles, loc="upper center", ncol=4, bbox_to_anchor=(0.5, 0.95))
    figure.suptitle("Where the time goes: each pass, and reading, copying or scaling the same memory", y=0.99)
    figure.tight_layout(rect=(0, 0.03, 1, 0.92))
    save(figure, options, machine, f"One thread; ordinary stores; medians. {options.note}".strip())


def plot_threads(options, machine):
    path = options.inputs[0]
    lines = read_comparison(path, read_text(path))
    times = {(line["implementation"], line["threads"], line["channels"]): line["median_ns"]
             for line in lines if line["rows"] == 1}
    counts = sorted({threads for _, threads, _ in times if threads > 1})
    require(counts, "more than one thread and one row", path)
    figure, all_axes = plt.subplots(1, len(counts), figsize=(6.4 * len(counts), 4.8), sharey=True, squeeze=False)
    for axes, count in zip(all_axes[0], counts):
        lengths = sorted({channels for _, threads, channels in times if threads == count})
        for peer, title in PEER_TITLES.items():
            gains = [(n, times[peer, 1, n] / times[peer, count, n])
                     for n in lengths if (peer, 1, n) in times and (peer, count, n) in times]
            if gains:
                axes.plot(*zip(*gains), marker="o", markersize=4, color=PEER_COLOURS[peer], label=title,
                          linestyle=PEER_STYLES.get(peer, "-"))
        axes.axhline(1, color="grey", linewidth=0.8)
        finish_length_axis(axes, lengths)
        mark_caches(axes, machine, lengths)
        axes.set_ylim(0, count + 0.5)
        axes.set_title(f"{count} threads", pad=18)
    all_axes[0][0].set_ylabel("times as fast as with one thread")
    for axes in all_axes[0]:
        put_legend_below(axes)
    figure.suptitle("One row spread over threads")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    save(figure, options, machine, f"Warm calls; medians. {options.note}".strip())


def plot_peer_lines(axes, lines, machine):
    lengths = sorted({line["channels"] for line in lines})
    for peer, title in PEER_TITLES.items():
        line = sorted((line["channels"], line["gelem_per_s"]) for line in lines if line["implementation"] == peer)
        if line:
            axes.plot(*zip(*line), marker="o", markersize=4, linewidth=2.2 if peer == "ours" else 1.4,
                      color=PEER_COLOURS[peer], label=title, linestyle=PEER_STYLES.get(peer, "-"))
    finish_length_axis(axes, lengths)
    mark_caches(axes, machine, lengths)
    fastest = max(line["gelem_per_s"] for line in lines if line["implementation"] in PEER_TITLES.keys() - {"limit"})
    axes.set_ylim(0, 1.25 * fastest)  # the limit may leave the picture: in caches it says little
    axes.set_ylabel("billion elements per second")
    axes.set_title("one row", pad=18)
    put_legend_below(axes)


def plot_peer_bars(axes, lines):
    shapes = list(collections.OrderedDict.fromkeys((line["rows"], line["channels"]) for line in lines))
    peers = [peer for peer in PEER_TITLES if peer not in ("ours", "expf_loop", "limit")
             and any(line["implementation"] == peer for line in lines)]
    ratios = {(line["rows"], line["channels"], line["implementation"]): line["ratio"] for line in lines}
    height = 0.8 / max(1, len(peers))
    for index, peer in enumerate(peers):
        for position, shape in enumerate(shapes):
            ratio = ratios.get((*shape, peer))
            if ratio is not None:
                y = position + (index - (len(peers) - 1) / 2) * height
                axes.barh(y, ratio, height=0.9 * height, color=PEER_COLOURS[peer],
                          label=PEER_TITLES[peer] if position == 0 else None)
                axes.text(ratio, y, f" {ratio:.1f}", va="center", fontsize=8)
    axes.axvline(1, color=PEER_COLOURS["ours"], linewidth=1.5)
    axes.text(1, 1.0, "xnnpack-softmax", transform=axes.get_xaxis_transform(), color=PEER_COLOURS["ours"], fontsize=8,
              ha="center", va="bottom")
    axes.set_yticks(range(len(shapes)), [f"{rows} × {readable_count(channels)}" for rows, channels in shapes])
    axes.set_ylim(len(shapes) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("time, as a multiple of xnnpack-softmax's")
    axes.set_title("rows × elements", pad=18)
    put_legend_below(axes)


def plot_peers(options, machine):
    path = options.inputs[0]
    lines = [line for line in read_comparison(path, read_text(path)) if line["threads"] == options.threads]
    require(lines, f"{options.threads} threads", path)
    single = [line for line in lines if line["rows"] == 1]
    if len({line["channels"] for line in single}) < 4:
        single = []  # too few for a line: bars
    batches = [line for line in lines if not single or line["rows"] != 1]
    panels = [panel for panel in (single, batches) if panel]
    figure, all_axes = plt.subplots(1, len(panels), figsize=(6.2 * len(panels), 5.0), squeeze=False)
    for axes, panel in zip(all_axes[0], panels):
        if panel is single:
            plot_peer_lines(axes, single, machine)
        else:
            plot_peer_bars(axes, batches)
    threads = "one thread" if options.threads == 1 else f"{options.threads} threads"
    figure.suptitle(f"Softmax beside others, {threads}")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    save(figure, options, machine, f"Warm calls, interleaved; medians. {options.note}".strip())


FIGURES = {"algorithms": plot_algorithms, "passes": plot_passes, "threads": plot_threads, "peers": plot_peers}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("inputs", nargs="+", help="CSV or JSON; several JSON files for `passes`")
    parser.add_argument("--output", help="path without suffix (default: the figure's name)")
    parser.add_argument("--machine", help="the processor and its caches, as `compare --machine` prints them "
                        "(default: this machine's)")
    parser.add_argument("--threads", type=int, default=1, help="with `peers`: draw the lines of so many threads")
    parser.add_argument("--note", default="", help="to stand below the figure")
    options = parser.parse_args()
    options.output = options.output or options.figure
    if options.figure != "passes" and len(options.inputs) != 1:
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
