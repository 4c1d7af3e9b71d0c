#!/usr/bin/python3
"""Gives examples/softmax-sum.c, compiled once, this library's softmax in each way that docs/linking.md shows, by its lines.

Usage: linking-test.py LIBRARY, for a shared XNNPACK, the system's
       linking-test.py OBJECT OPTIONS, for a static XNNPACK, whose path is $XNNPACK_LIBRARY"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import documented  # noqa: E402 (the path comes first)

ROOT = documented.ROOT
BUILT = []
# Of the results' sum: what the library promises, and what XNNPACK's own softmax has at least.
LARGEST_ERROR = 5e-7
XNNPACKS_LEAST_ERROR = 5e-6


class GraphLinking(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "bazel-bin").mkdir()
        for path in BUILT:
            shutil.copy(path, self.folder / "bazel-bin")
        self.run_lines(f'gcc -std=c11 -O2 -c "{ROOT / "examples" / "softmax-sum.c"}" -o program.o')

    def run_lines(self, lines):
        result = subprocess.run(
            ["bash", "-euc", lines], cwd=self.folder, env={**os.environ, "SOFTMAX": str(self.folder)},
            capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""), lines)
        return result.stdout

    def sum_error(self, lines):
        (error,) = re.findall(r"^the results add up to 1 [-+] (.*)$", self.run_lines(lines), re.MULTILINE)
        return float(error)

    def check(self, section, link_xnnpacks):
        """`link_xnnpacks` makes the program that has XNNPACK's own softmax."""
        (lines,) = documented.code_blocks("docs/linking.md", "sh", section)
        self.assertLessEqual(len(lines.splitlines()), 5)
        self.run_lines(link_xnnpacks)
        for threads in 1, 2:
            run = f"./program {threads}"
            with self.subTest(section=section, threads=threads):
                self.assertGreater(self.sum_error(run), XNNPACKS_LEAST_ERROR)
        for threads in 1, 2:
            run = f"./program {threads}"
            with self.subTest(section=section, threads=threads):
                self.assertLess(self.sum_error(lines.replace("./program", run)), LARGEST_ERROR)

    def test_shared(self):
        link_xnnpacks = "gcc program.o -lXNNPACK -lpthreadpool -o program"
        self.check("Preloaded", link_xnnpacks)
        self.check("Linked before a shared XNNPACK", link_xnnpacks)
        self.check_cmake("Linked before a shared XNNPACK", [])

    def test_static(self):
        shutil.copy(os.environ["XNNPACK_LIBRARY"], self.folder / "libXNNPACK.a")
        self.check(
            "Linked with a static XNNPACK", "gcc program.o libXNNPACK.a -lpthreadpool -lcpuinfo -lm -o program")
        self.check_cmake("Linked with a static XNNPACK", [
            "add_library(XNNPACK STATIC IMPORTED)",
            "set_target_properties(XNNPACK PROPERTIES IMPORTED_LOCATION ${CMAKE_SOURCE_DIR}/libXNNPACK.a",
            '  INTERFACE_LINK_LIBRARIES "pthreadpool;cpuinfo;m")'])

    def check_cmake(self, section, lines_for_xnnpack):
        (lines,) = documented.code_blocks("docs/linking.md", "cmake", section)
        shutil.copy(ROOT / "examples" / "softmax-sum.c", self.folder / "program.c")
        (self.folder / "CMakeLists.txt").write_text("\n".join([
            "cmake_minimum_required(VERSION 3.16)",
            "project(program LANGUAGES C)",
            "add_executable(program program.c)",
            *lines_for_xnnpack,
            lines]))
        self.run_lines("cmake -S . -B build >cmake.log && cmake --build build >build.log")
        self.assertLess(self.sum_error("build/program 1"), LARGEST_ERROR)


if __name__ == "__main__":
    BUILT = [pathlib.Path(path) for path in sys.argv[1:]]
    case = "test_shared" if len(BUILT) == 1 else "test_static"
    unittest.main(argv=[sys.argv[0], f"GraphLinking.{case}"])
