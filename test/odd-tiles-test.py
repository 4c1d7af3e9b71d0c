#!/usr/bin/python3
"""Any tile that a user may ask for generates correct code: puts odd ones of every family into a copy of the tree,
compiles them with the flags of each instruction set of this architecture, and runs test/kernel-test.cc on them."""

import concurrent.futures
import os
import pathlib
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
from kernel_generator import GENERATOR  # noqa: E402 (the path comes first)

SANITIZER_FLAGS = shlex.split(os.environ.get("SANITIZER_FLAGS", ""))
ONE_SHAPE = "ONE_ODD_SHAPE" in os.environ or bool(SANITIZER_FLAGS)
# (tile, accumulators)
SHAPES = [(160, 5), (96, 1), (192, 3)]


def read_kernel_list():
    """The tables of kernels.bzl, without other architectures' instruction sets."""
    tables = GENERATOR.read_kernel_list(ROOT / "kernels.bzl")
    isas = [isa for isa in tables["ISAS"] if isa["architecture"] in ("", platform.machine())]
    names = [isa["name"] for isa in isas]
    return {"ISAS": isas, "KERNELS": [row for row in tables["KERNELS"] if row["isa"] in names]}


def shapes_of(family):
    """One where compiling takes minutes: under sanitizers, with a second compiler, and of f32-softmaxrows, the largest kernel,
    in which the tile decides about little."""
    return SHAPES[:1] if ONE_SHAPE or family == "f32-softmaxrows" else SHAPES


def odd_rows(tables):
    """Rows of odd tiles, for every family and instruction set of the tables."""
    with_accumulators = {row["family"] for row in tables["KERNELS"] if row["accumulators"] > 1}
    for family, isa in sorted({(row["family"], row["isa"]) for row in tables["KERNELS"]}):
        for tile, accumulators in shapes_of(family):
            yield {
                "family": family,
                "isa": isa,
                "tile": tile,
                "accumulators": accumulators if family in with_accumulators else 1,
                "default": (tile, accumulators) == SHAPES[0],
            }


def write_tree(root, tables):
    shutil.copytree(ROOT / "src", root / "src")
    shutil.copytree(ROOT / "test", root / "test")
    shutil.copytree(ROOT / "include", root / "include")
    rows = list(odd_rows(tables))
    (root / "kernels.bzl").write_text(f"ISAS = {tables['ISAS']!r}\nKERNELS = {rows!r}\n")
    generator = ROOT / "tools" / "generate-kernels.py"
    subprocess.run([sys.executable, generator, "--root", root], stdout=subprocess.DEVNULL, check=True)
    return rows


def compile_file(root, source, language_flags):
    target = source.with_suffix(".o")
    compiler = "g++" if source.suffix == ".cc" else "gcc"
    flags = ["-O1", "-ffp-contract=off", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", f"-I{root}"]
    subprocess.run([compiler, *flags, *language_flags, *SANITIZER_FLAGS, "-c", source, "-o", target], check=True)
    return target


def main():
    tables = read_kernel_list()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        rows = write_tree(root, tables)
        jobs = [(root / "test" / name, ["-std=c++17"]) for name in ("kernel-test.cc", "gtest-main.cc", "guarded-buffer.cc")]
        jobs += [(path, ["-std=c11", f"-I{root}/include"]) for path in root.glob("src/*/reference.c")]
        for isa in tables["ISAS"]:
            paths = list(root.glob(f"src/*/gen/*-{isa['name']}-*.c"))
            jobs += [(path, ["-std=c11", *isa["copts"]]) for path in paths]
        kernel_count = sum("/gen/" in path.as_posix() for path, _ in jobs)
        assert kernel_count == len(rows), f"{kernel_count} files of {len(rows)} kernels"
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as executor:
            objects = list(executor.map(lambda job: compile_file(root, *job), jobs))
        program = root / "kernel-test"
        libraries = ["-lgtest", "-lpthread", "-lm"]
        subprocess.run(["g++", *SANITIZER_FLAGS, *objects, *libraries, "-o", program], check=True)
        print(f"{kernel_count} kernels")
        return subprocess.run([program, "--gtest_brief=1"]).returncode


if __name__ == "__main__":
    sys.exit(main())
