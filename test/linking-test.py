#!/usr/bin/python3
"""The shared library as docs/linking.md links it, what it and the static object need of others, and flags that the library
cannot be built with.

Usage: linking-test.py LIBRARY STATIC_OBJECT"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import documented

ROOT = documented.ROOT
LIBRARY = None
STATIC_OBJECT = None
# Of the operator and of the kernels.
SOURCES = ["src/operators/softmax-row.c", "src/f32-raddextexp/gen/f32-raddextexp-scalar-u32-acc1.c"]


class Linking(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_the_documented_lines_work(self):
        (self.folder / "bazel-bin").mkdir()
        shutil.copy(LIBRARY, self.folder / "bazel-bin")
        (self.folder / "include").symlink_to(ROOT / "include")
        shutil.copy(ROOT / "examples" / "operator-alone.c", self.folder / "program.c")
        shutil.copy(ROOT / "examples" / "data" / "logits.txt", self.folder)
        lines, = documented.code_blocks("docs/linking.md", "sh", "The operator, with gcc")
        result = subprocess.run(
            ["bash", "-euc", lines.replace("./program", "./program logits.txt")], cwd=self.folder, text=True,
            env={**os.environ, "SOFTMAX": str(self.folder)}, capture_output=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertNotEqual(result.stdout, "")

    def test_the_library_brings_nothing_but_the_c_library(self):
        headers = subprocess.run(["objdump", "-p", LIBRARY], capture_output=True, text=True, check=True).stdout
        needed = [line.split()[1] for line in headers.splitlines() if line.split()[:1] == ["NEEDED"]]
        self.assertEqual(sorted(needed), ["libc.so.6"])

    def test_the_library_exports_its_header_and_what_it_replaces(self):
        header = (ROOT / "include" / "xnnpack-softmax.h").read_text()
        declared = set(re.findall(r"\b(xnnx_\w+)\((?!\))", re.sub(r"//.*", "", header))) | {"xnnx_last_error"}
        replaced = {
            "xnn_create_softmax_nc_f32", "xnn_reshape_softmax_nc_f32", "xnn_setup_softmax_nc_f32", "xnn_delete_operator",
            "pthreadpool_parallelize_1d", "pthreadpool_get_threads_count"}
        symbols = subprocess.run(
            ["nm", "--dynamic", "--defined-only", "--extern-only", "--format=just-symbols", LIBRARY], capture_output=True,
            text=True, check=True)
        self.assertEqual(set(symbols.stdout.split()), declared | replaced)

    # A static XNNPACK brings a cpuinfo of its own. Its functions are those of every version; what its variable says is not.
    def test_the_static_object_calls_functions_of_cpuinfo_alone(self):
        symbols = subprocess.run(
            ["nm", "--undefined-only", "--format=just-symbols", STATIC_OBJECT], capture_output=True, text=True, check=True)
        of_cpuinfo = [name for name in symbols.stdout.split() if name.startswith("cpuinfo_")]
        self.assertIn("cpuinfo_initialize", of_cpuinfo)
        self.assertEqual([name for name in of_cpuinfo if not name.startswith(("cpuinfo_initialize", "cpuinfo_get_"))], [])

    # As in a program with a newer one of its own.
    def test_a_program_may_have_another_cpuinfo(self):
        (self.folder / "program.c").write_text("""
            #include <stdio.h>
            #include <stdlib.h>
            #include <xnnpack-softmax.h>
            char cpuinfo_isa[4];
            int cpuinfo_initialize(void) { abort(); }
            int cpuinfo_get_l2_caches_count(void) { abort(); }
            int main(void) {
              const float scores[2] = {0.0f, 0.0f};
              float probabilities[2];
              xnnx_operator_t softmax;
              xnnx_create_softmax_nc_f32(0, &softmax);
              xnnx_reshape_softmax_nc_f32(softmax, 2, 2, 2, 1, NULL);
              xnnx_setup_softmax_nc_f32(softmax, scores, probabilities);
              xnnx_run_operator(softmax, NULL);
              printf("%g %s\\n", probabilities[0], xnnx_last_error());
            }""")
        shutil.copy(LIBRARY, self.folder)
        subprocess.run(
            ["gcc", "-rdynamic", "program.c", f"-I{ROOT / 'include'}", LIBRARY.name, "-o", "program"],
            cwd=self.folder, check=True)
        result = subprocess.run(
            [self.folder / "program"], env={"LD_LIBRARY_PATH": str(self.folder)}, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout), (0, "0.5 \n"))

    def test_a_program_that_is_linked_by_path_runs_where_the_library_moved(self):
        build, installed = self.folder / "build", self.folder / "installed"
        build.mkdir()
        shutil.copy(LIBRARY, build)
        (build / "program.c").write_text(
            '#include <stdio.h>\n#include <xnnpack-softmax.h>\nint main(void) { puts(xnnx_describe_operator(NULL)); }\n')
        subprocess.run(
            ["gcc", "program.c", f"-I{ROOT / 'include'}", build / LIBRARY.name, "-o", "program"], cwd=build, check=True)
        build.rename(installed)
        result = subprocess.run(
            [installed / "program"], cwd="/", env={"LD_LIBRARY_PATH": str(installed)}, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "no operator\n", ""))


class Flags(unittest.TestCase):

    def compile(self, source, *flags):
        return subprocess.run(
            ["gcc", "-std=c11", "-D_GNU_SOURCE", f"-I{ROOT}", f"-I{ROOT / 'include'}", "-fsyntax-only", *flags, ROOT / source],
            capture_output=True, text=True)

    def test_the_sources_refuse_other_arithmetic_in_a_sentence(self):
        for source in SOURCES:
            for flags in ["-ffast-math"], ["-Ofast"], ["-ffinite-math-only"], ["-mfpmath=387"]:
                with self.subTest(source=source, flags=flags):
                    result = self.compile(source, *flags)
                    self.assertNotEqual(result.returncode, 0)
                    self.assertIn("xnnpack-softmax cannot be built with", result.stderr)
            self.assertEqual(self.compile(source, "-O2").returncode, 0)

    def test_a_program_may_use_any(self):
        self.assertEqual(self.compile("examples/operator-alone.c", "-Ofast", "-mfpmath=387").stderr, "")


if __name__ == "__main__":
    LIBRARY, STATIC_OBJECT = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    unittest.main(argv=sys.argv[:1])
