#!/usr/bin/python3
"""The public header: its complete example compiles and prints what softmax is, and each header compiles alone.

Usage: header-example-test.py LIBRARY: the shared library that the example is linked with."""

import math
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parent.parent
HEADERS = sorted((ROOT / "include").glob("*.h"))
SANITIZER_FLAGS = shlex.split(os.environ.get("SANITIZER_FLAGS", ""))
FLAGS = ["-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}", *SANITIZER_FLAGS]
LIBRARY = None


def example():
    """The program in the comment, from its first #include to the brace that closes main."""
    lines = (ROOT / "include" / "xnnpack-softmax.h").read_text().splitlines()
    first = lines.index("//   #include <stdio.h>")
    last = lines.index("//   }", first)
    return "".join(re.sub(r"^// {0,3}", "", line) + "\n" for line in lines[first:last + 1])


class Example(unittest.TestCase):

    def test_compiles_and_prints_the_softmax(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "example.c"
            source.write_text(example())
            program = source.with_suffix("")
            subprocess.run(
                ["gcc", "-std=c11", *FLAGS, source, LIBRARY, f"-Wl,-rpath,{LIBRARY.parent}", "-o", program], check=True)
            result = subprocess.run([program], capture_output=True, text=True)
        exponentials = [math.exp(x) for x in (1, 2, 3)]
        expected = " ".join(f"{y / sum(exponentials):.6f}" for y in exponentials) + "\n"
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, expected, ""))


class Headers(unittest.TestCase):

    def compile_alone(self, header, compiler, language, standard):
        subprocess.run(
            [compiler, "-x", language, standard, *FLAGS, "-fsyntax-only", "-pedantic", "-"], text=True, check=True,
            input=f'#include "{header}"\n')

    def test_each_compiles_alone(self):
        self.assertNotEqual(HEADERS, [])
        for header in HEADERS:
            with self.subTest(header=header.name):
                self.compile_alone(header, "gcc", "c", "-std=c11")
                self.compile_alone(header, "g++", "c++", "-std=c++11")


if __name__ == "__main__":
    LIBRARY = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=sys.argv[:1])
