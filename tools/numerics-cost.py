#!/usr/bin/python3
"""What each measure for accuracy costs: the default f32-raddstoreexpminusestimate kernels with and without it.

Each variant is generated from a copy of the templates in which the measure is undone, and all are timed in one program,
in turns, on a block of 4096 floats in L1. Prints a Markdown table of medians relative to the kernel as it is.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

from kernel_generator import GENERATOR

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAMILY = "f32-raddstoreexpminusestimate"
COMPENSATION = (
    "src/templates/reductions.j2",
    """new_sum = {{ v.add("sum" ~ k, term) }};
correction{{ k }} = {{ v.add("correction" ~ k, v.subtract(term, v.subtract("new_sum", "sum" ~ k))) }};
sum{{ k }} = new_sum;
""",
    """sum{{ k }} = {{ v.add("sum" ~ k, term) }};
""")

LUT16 = "src/templates/exp/lut16_p3.j2"
LUT8 = "src/templates/exp/lut8_p4.j2"

# Of each instruction set: what is undone, and how: file, text, and what stands instead.
VARIANTS = {
    "avx512f": {
        "compensated sums": [COMPENSATION],
        "ln 2 in two constants": [
            (LUT16, """t{{ i }} = {{ v.fma("rounded" ~ i, "minus_ln2_lo", "t" ~ i) }};\n""", "")],
        "the lower bound": [(LUT16, """v.fma_or_zero("counts" ~ i, "power" ~ i""", """v.fma("power" ~ i""")],
    },
    "avx2": {
        "compensated sums": [COMPENSATION],
        "ln 2 in two constants": [
            (LUT8, """t{{ i }} = {{ v.fma("shifted" ~ i, "minus_ln2_lo", "t" ~ i) }};\n""", "")],
        "degree 4 instead of 3": [(
            LUT8, """{{ v.fma("c4", "t" ~ i, "c3") }};""", "c3;")],
        "the lower bound": [
            (LUT8, """{{ v.max("lowest" ~ row, "x" ~ i) }}""", """x{{ i }}"""),
            ("src/xnnx/avx2.h", "_mm256_max_epi32(power, _mm256_setzero_si256())", "power")],
    },
}

PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "src/xnnx/kernels.h"
#define COUNT 4096
#define ROUNDS 301
#define CALLS 64
typedef xnnx_f32_raddstoreexpminusestimate_fn function;
%(declarations)s
static function functions[] = {%(names)s};
enum { VARIANTS = sizeof(functions) / sizeof(functions[0]) };
static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}
static int compare(const void* a, const void* b)
{
  return (*(const double*) a > *(const double*) b) - (*(const double*) a < *(const double*) b);
}
int main(void)
{
  static _Alignas(64) float input[COUNT];
  static _Alignas(64) float output[COUNT];
  static double times[VARIANTS][ROUNDS];
  for (int i = 0; i < COUNT; i++) {
    input[i] = 16.0f * (float) rand() / (float) RAND_MAX - 8.0f;
  }
  double sum;
  size_t stored_bytes;
  for (int round = 0; round < ROUNDS; round++) {
    for (int v = 0; v < VARIANTS; v++) {
      functions[v](sizeof(input), input, output, &sum, 8.0f, &stored_bytes, input);
      const double start = now();
      for (int call = 0; call < CALLS; call++) {
        functions[v](sizeof(input), input, output, &sum, 8.0f, &stored_bytes, input);
      }
      times[v][round] = (now() - start) / CALLS / COUNT * 1e12;
    }
  }
  for (int v = 0; v < VARIANTS; v++) {
    qsort(times[v], ROUNDS, sizeof(double), compare);
    printf("%%.1f\\n", times[v][ROUNDS / 2]);
  }
}
"""


def default_kernel(kernels, isa):
    row = next(row for row in kernels if row["family"] == FAMILY and row["isa"] == isa and row["default"])
    return f"src/{FAMILY}/gen/{GENERATOR.file_stem(row)}.c", GENERATOR.kernel_name(row)


def generate_variant(folder, changes):
    """A copy of what the generator needs in `folder`, changed and generated."""
    shutil.copytree(ROOT / "src", folder / "src")
    shutil.copy(ROOT / "kernels.bzl", folder)
    for path, old, new in changes:
        text = (folder / path).read_text()
        if text.count(old) != 1:
            sys.exit(f"numerics-cost.py: {path} has {text.count(old)} places instead of one with:\n{old}")
        (folder / path).write_text(text.replace(old, new))
    subprocess.run(
        [ROOT / "tools/generate-kernels.py", f"--root={folder}"], check=True, stdout=subprocess.DEVNULL)


def measure(isa, kernels, folder):
    """{variant: picoseconds an element}, beginning with the kernel as it is."""
    source, function = default_kernel(kernels, isa["name"])
    flags = ["-std=c11", "-O2", "-ffp-contract=off", "-D_GNU_SOURCE", *isa["copts"]]
    variants = {"as it is": [], **VARIANTS[isa["name"]]}
    objects = []
    for number, changes in enumerate(variants.values()):
        root = folder / f"{isa['name']}-{number}"
        generate_variant(root, changes)
        objects.append(root / "kernel.o")
        subprocess.run(
            ["gcc", *flags, f"-I{root}", f"-D{function}=variant{number}", "-c", root / source, "-o", objects[-1]],
            check=True)
    names = [f"variant{number}" for number in range(len(variants))]
    program = folder / f"{isa['name']}.c"
    program.write_text(PROGRAM % {
        "declarations": "\n".join(f"void {name} XNNX_F32_PARAMETERS_raddstoreexpminusestimate;" for name in names),
        "names": ", ".join(names),
    })
    executable = folder / isa["name"]
    subprocess.run(["gcc", *flags, f"-I{ROOT}", program, *objects, "-o", executable], check=True)
    output = subprocess.run([executable], check=True, capture_output=True, text=True).stdout
    return dict(zip(variants, map(float, output.split())))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--isa", choices=VARIANTS, help="only this one; the processor must have it")
    arguments = parser.parse_args()
    tables = GENERATOR.read_kernel_list(ROOT / "kernels.bzl")
    print("| instruction set | without | ps per element | relative |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for isa in tables["ISAS"]:
            if isa["name"] not in VARIANTS or arguments.isa not in (None, isa["name"]):
                continue
            times = measure(isa, tables["KERNELS"], pathlib.Path(folder))
            for variant, time in times.items():
                print(f"| {isa['name']} | {'–' if variant == 'as it is' else variant} | {time:.0f} | "
                      f"{time / times['as it is']:.2f} |")


if __name__ == "__main__":
    main()
