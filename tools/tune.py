#!/usr/bin/python3
"""Finds the fastest kernel of each family and instruction set on this machine.

Generates every kernel of the search space, also such as kernels.bzl does not list, into a temporary copy of the
project, builds it with the project's own flags and runs its kernel benchmarks, repeated and in random order. Prints the
best of each family and instruction set beside the present default. --write changes the defaults in kernels.bzl (adding
a row where the best has none), but only where the gain is larger than --least-gain and than the spread of both; then it
regenerates. Until that last step nothing of the project changes, and interrupting is safe.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from kernel_generator import GENERATOR
import debian_packages

debian_packages.need("tqdm")

from tqdm import tqdm

ROOT = pathlib.Path(__file__).resolve().parent.parent

TILES = range(GENERATOR.TERM_ELEMENTS, GENERATOR.LARGEST_TILE + 1, GENERATOR.TERM_ELEMENTS)
ACCUMULATORS = [1, 2, 3, 4, 5, 6]


class Failure(Exception):
    """Why tuning ended, in a few lines."""


def candidates(tables, family, isa):
    """Rows of the search space for one family and instruction set."""
    rows = [row for row in tables["KERNELS"] if row["family"] == family and row["isa"] == isa["name"]]
    has_accumulators = any(row["accumulators"] > 1 for row in rows)
    wanted = {GENERATOR.kernel_name(row): row for row in rows}
    for tile in TILES if rows else []:
        for accumulators in ACCUMULATORS if has_accumulators else [1]:
            if tile // GENERATOR.TERM_ELEMENTS % accumulators == 0:
                row = {"family": family, "isa": isa["name"], "tile": tile, "accumulators": accumulators, "default": False}
                wanted.setdefault(GENERATOR.kernel_name(row), row)
    return list(wanted.values())


def copy_project(target):
    """A copy of the sources, without what Bazel and git keep."""
    def ignored(folder, names):
        top = pathlib.Path(folder) == ROOT
        return [name for name in names if top and (name.startswith("bazel-") or name in (".git", "docs", "test"))]
    shutil.copytree(ROOT, target, ignore=ignored, dirs_exist_ok=True)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def measure(program, rows, options):
    """{kernel name: [nanoseconds an element of each repetition]}, sizes weighing alike."""
    names = "|".join(GENERATOR.kernel_name(row) for row in rows)
    sizes = "|".join(options.sizes.split(","))
    output = run([
        program, f"--benchmark_filter=^({names})/({sizes})/warm$", f"--benchmark_repetitions={options.repetitions}",
        f"--benchmark_min_time={options.min_time}", "--benchmark_enable_random_interleaving=true",
        "--benchmark_format=json"], ROOT)
    times = {}
    for benchmark in json.loads(output)["benchmarks"]:
        if benchmark["run_type"] == "iteration":
            kernel, size, _ = benchmark["run_name"].split("/")
            times.setdefault(kernel, {}).setdefault(size, []).append(1e9 / benchmark["items_per_second"])
    return {kernel: [statistics.geometric_mean(values) for values in zip(*by_size.values())]
            for kernel, by_size in times.items()}


def spread(values):
    """Half the distance between the quartiles, relative to the median."""
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / middle


def choose(rows, times, least_gain):
    """(best row, default row, gain, whether the gain is beyond doubt)"""
    medians = {name: statistics.median(values) for name, values in times.items()}
    measured = [row for row in rows if GENERATOR.kernel_name(row) in medians]
    best = min(measured, key=lambda row: medians[GENERATOR.kernel_name(row)])
    default = next(row for row in measured if row["default"])
    best_name, default_name = GENERATOR.kernel_name(best), GENERATOR.kernel_name(default)
    gain = medians[default_name] / medians[best_name] - 1
    doubt = max(least_gain, spread(times[best_name]) + spread(times[default_name]))
    return best, default, gain, gain > doubt


def report(best, default, gain, is_certain, times):
    name = GENERATOR.kernel_name(best)
    median = statistics.median(times[name])
    speed = f"{1 / median:.2f} Gelem/s, spread {100 * spread(times[name]):.1f} %"
    tqdm.write(f"{best['family']} {best['isa']}: best {name}, {speed}")
    if best != default:
        verdict = "certain" if is_certain else "within doubt: the default stays"
        tqdm.write(f"    default {GENERATOR.kernel_name(default)} is {100 * gain:.1f} % slower ({verdict})")


def write_defaults(changes):
    """Makes every row of `changes` the default of its family and instruction set, in one step, and regenerates."""
    path = ROOT / "kernels.bzl"
    isas = GENERATOR.read_kernel_list(path)["ISAS"]
    text = path.read_text()
    for row in changes:
        same = f'    {{"family": "{row["family"]}", "isa": "{row["isa"]}",'
        text = "".join(
            line.replace('"default": True', '"default": False') if line.startswith(same) else line
            for line in text.splitlines(keepends=True))
        old_line = GENERATOR.row_text({**row, "default": False})
        new_row = {**row, "default": True}
        if old_line in text:
            text = text.replace(old_line, GENERATOR.row_text(new_row))
        else:
            text = GENERATOR.text_with_row(text, new_row, isas)
    temporary = path.with_suffix(".bzl.new")
    temporary.write_text(text)
    os.replace(temporary, path)
    run([sys.executable, "tools/generate-kernels.py"], ROOT)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", action="append", help="only this one, such as f32-raddextexp; repeatable")
    parser.add_argument("--isa", action="append", help="only this one, such as avx2; repeatable")
    parser.add_argument("--sizes", default="4096", help="elements in a call, as in bench/sizes.h; several with commas "
                        "weigh alike (default: %(default)s, the operator's block)")
    parser.add_argument("--repetitions", type=int, default=11)
    parser.add_argument("--min-time", type=float, default=0.02, help="seconds of one repetition (default: %(default)s)")
    parser.add_argument("--least-gain", type=float, default=0.02, help="that changes a default (default: %(default)s)")
    parser.add_argument("--listed-only", action="store_true", help="only kernels that kernels.bzl lists already")
    parser.add_argument("--write", action="store_true", help="change kernels.bzl and regenerate")
    options = parser.parse_args()
    if options.repetitions < 3:
        parser.error("--repetitions: a spread needs at least 3")
    return options


def search_space(tables, options):
    """{(family, isa): rows}"""
    space = {}
    for family in dict.fromkeys(row["family"] for row in tables["KERNELS"]):
        for isa in tables["ISAS"]:
            if (options.family and family not in options.family) or (options.isa and isa["name"] not in options.isa):
                continue
            rows = candidates(tables, family, isa)
            if options.listed_only:
                rows = [row for row in rows if row in tables["KERNELS"]]
            if rows:
                space[family, isa["name"]] = rows
    return space


def tune(options, folder):
    """The rows that ought to be defaults and are not."""
    tables = GENERATOR.read_kernel_list(ROOT / "kernels.bzl")
    space = search_space(tables, options)
    if not space:
        raise Failure("the search space is empty: check --family and --isa")
    tree = folder / "tree"
    copy_project(tree)
    text = (tree / "kernels.bzl").read_text()
    for row in (row for rows in space.values() for row in rows if row not in tables["KERNELS"]):
        text = GENERATOR.text_with_row(text, row, tables["ISAS"])
    (tree / "kernels.bzl").write_text(text)
    run([sys.executable, "tools/generate-kernels.py", "--root", tree], ROOT)

    bazel = ["bazel", f"--output_base={folder / 'bazel'}"]
    families = list(dict.fromkeys(family for family, _ in space))
    print(f"building {sum(map(len, space.values()))} kernels", file=sys.stderr)
    changes = []
    try:
        run([*bazel, "build", "-c", "opt", "--symlink_prefix=/", *(f"//bench:{family}" for family in families)], tree)
        binaries = pathlib.Path(run([*bazel, "info", "-c", "opt", "bazel-bin"], tree).strip())
        for (family, isa), rows in tqdm(space.items(), disable=not sys.stderr.isatty(), unit="family"):
            times = measure(binaries / "bench" / family, rows, options)
            if not times:
                tqdm.write(f"{family} {isa}: skipped, this processor has no {isa}")
                continue
            best, default, gain, is_certain = choose(rows, times, options.least_gain)
            report(best, default, gain, is_certain, times)
            if is_certain:
                changes.append(best)
    finally:
        subprocess.run([*bazel, "shutdown"], cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return changes


def remove(folder):
    # Bazel takes its outputs' permission to be written away.
    subprocess.run(["chmod", "-R", "u+w", folder], check=False, stderr=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)


def main():
    options = parse_arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="xnnx-tune-"))
    try:
        changes = tune(options, folder)
        if options.write and changes:
            write_defaults(changes)
            print(f"{len(changes)} defaults changed in kernels.bzl, and the kernels generated; now run the tests")
        else:
            print(f"{len(changes)} defaults could be better" + ("; --write changes them" if changes else ""))
    except Failure as failure:
        print(f"tune.py: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tune.py: interrupted; nothing was changed", file=sys.stderr)
        return 130
    finally:
        remove(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
