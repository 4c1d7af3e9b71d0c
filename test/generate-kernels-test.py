#!/usr/bin/python3
"""tools/generate-kernels.py: committed files are up to date, --check sees drift, --add adds, bad rows are refused."""

import contextlib
import io
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
from kernel_generator import GENERATOR  # noqa: E402 (the path comes first)

KERNEL_TABLE = "src/f32-rmax/gen/f32-rmax.inc"


def run_generator(root, *options):
    """What the program would do, without starting one."""
    arguments = ["--root", str(root), *options]
    with contextlib.redirect_stdout(io.StringIO()) as stdout, contextlib.redirect_stderr(io.StringIO()) as stderr:
        status = GENERATOR.main(arguments)
    return subprocess.CompletedProcess(arguments, status, stdout.getvalue(), stderr.getvalue())


def add(root, family="f32-rmax", isa="avx2", tile=160, accumulators=5):
    return run_generator(
        root, "--add", "--family", family, "--isa", isa, "--tile", str(tile), "--accumulators", str(accumulators))


class RealTree(unittest.TestCase):

    def test_is_up_to_date(self):
        program = [sys.executable, ROOT / "tools" / "generate-kernels.py", "--root", ROOT, "--check"]
        result = subprocess.run(program, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)


class CopiedTree(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "src", self.root / "src")
        shutil.copy(ROOT / "kernels.bzl", self.root)
        self.kernel_list = self.root / "kernels.bzl"
        self.original = self.snapshot()

    def snapshot(self):
        return {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def some_kernel(self):
        return sorted(self.root.glob("src/f32-rmax/gen/*.c"))[0]

    def change_kernel_list(self, pattern, replacement):
        text, count = re.subn(pattern, replacement, self.kernel_list.read_text(), count=1)
        self.assertEqual(count, 1, f"no {pattern} in kernels.bzl")
        self.kernel_list.write_text(text)

    def expect_up_to_date(self):
        result = run_generator(self.root, "--check")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    def expect_drift(self, line):
        """--check says so and changes nothing; without options the tree is again what it was."""
        before = self.snapshot()
        result = run_generator(self.root, "--check")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout.splitlines(), [line])
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(run_generator(self.root).returncode, 0)
        self.assertEqual(self.snapshot(), self.original)

    def expect_refusal(self, message, result, before):
        """One line on stderr that matches `message`, failure, nothing written."""
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertRegex(result.stderr, message)
        self.assertEqual(result.stdout, "")
        self.assertEqual(self.snapshot(), before)

    def expect_refused_list(self, message):
        before = self.snapshot()
        for options in ([], ["--check"], ["--list"]):
            self.expect_refusal(message, run_generator(self.root, *options), before)


class Drift(CopiedTree):

    def test_different_kernel(self):
        self.some_kernel().write_text(self.some_kernel().read_text().replace("XNNX_TILE", "XNNX_TITLE", 1))
        self.expect_drift(f"different: {self.some_kernel().relative_to(self.root)}")

    def test_different_table(self):
        table = self.root / KERNEL_TABLE
        table.write_text(table.read_text() + "\n")
        self.expect_drift(f"different: {KERNEL_TABLE}")

    def test_missing_kernel(self):
        path = self.some_kernel()
        path.unlink()
        self.expect_drift(f"missing: {path.relative_to(self.root)}")

    def test_missing_list_of_instruction_sets(self):
        (self.root / "src/xnnx/gen/isas.inc").unlink()
        self.expect_drift("missing: src/xnnx/gen/isas.inc")

    def test_orphan(self):
        path = self.some_kernel().with_name("f32-rmax-avx2-u999.c")
        path.write_text("")
        self.expect_drift(f"orphan: {path.relative_to(self.root)}")


class Add(CopiedTree):

    def test_writes_the_row_and_the_kernel(self):
        before = self.snapshot()
        result = add(self.root, tile=160, accumulators=5)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.expect_up_to_date()
        after = self.snapshot()
        new_files = sorted(path.name for path in after.keys() - before.keys())
        self.assertEqual(len(new_files), 1)
        self.assertRegex(new_files[0], r"^f32-rmax-avx2-u160-acc5\.c$")
        changed_files = {path.relative_to(self.root).as_posix() for path in before if before[path] != after[path]}
        self.assertEqual(changed_files, {"kernels.bzl", KERNEL_TABLE})
        self.assertRegex(self.kernel_list.read_text(), r'"avx2", .*"tile": 160, "accumulators": 5, "default": False}')
        self.assertRegex((self.root / KERNEL_TABLE).read_text(), r"XNNX_UKERNEL\(rmax, avx2, .*, 160, 5, false\)")

    def test_is_listed(self):
        self.assertNotIn("u160_acc5", run_generator(self.root, "--list").stdout)
        add(self.root, tile=160, accumulators=5)
        self.assertIn("u160_acc5", run_generator(self.root, "--list").stdout)

    def test_first_kernel_of_a_family_and_instruction_set_is_its_default(self):
        text = self.kernel_list.read_text()
        self.kernel_list.write_text(re.sub(r'.*"family": "f32-vmulc", "isa": "avx2".*\n', "", text))
        self.assertEqual(add(self.root, family="f32-vmulc", tile=32, accumulators=1).returncode, 0)
        self.assertIn("32, 1, true)", (self.root / "src/f32-vmulc/gen/f32-vmulc.inc").read_text())

    def test_first_kernels_of_an_instruction_set(self):
        """Without a family, one of each: behind the better instruction sets', and its default."""
        rows = r'.*"isa": "avx2".*\n'
        text = self.kernel_list.read_text()
        families = set(re.findall(r'"family": "([\w-]+)", "isa": "avx2"', text))
        self.kernel_list.write_text(re.sub(rows, "", text))
        result = run_generator(self.root, "--add", "--isa", "avx2", "--tile", "32")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.expect_up_to_date()
        lines = self.kernel_list.read_text().splitlines()
        added = [k for k, line in enumerate(lines) if '"isa": "avx2"' in line]
        self.assertEqual(len(added), len(families))
        for k in added:
            self.assertIn('"tile": 32, "accumulators": 1, "default": True', lines[k])
            self.assertIn('"isa": "avx512f"', lines[k - 1])
            self.assertIn(re.search(r'"family": "[\w-]+"', lines[k]).group(), lines[k - 1])


class RefusedAddition(CopiedTree):

    def expect_refused(self, message, **row):
        before = self.snapshot()
        self.expect_refusal(message, add(self.root, **row), before)

    def test_tile_not_a_multiple_of_a_term(self):
        self.expect_refused("multiple of 32", tile=48, accumulators=1)
        self.expect_refused("at most 256", tile=288, accumulators=1)

    def test_tile_not_positive(self):
        self.expect_refused("positive multiple", tile=0, accumulators=1)
        self.expect_refused("positive multiple", tile=-32, accumulators=1)

    def test_accumulators_that_do_not_divide(self):
        self.expect_refused("must divide 5", tile=160, accumulators=2)
        self.expect_refused("must divide 5", tile=160, accumulators=10)
        self.expect_refused("must divide", tile=160, accumulators=0)
        self.expect_refused("must divide", tile=160, accumulators=-5)

    def test_accumulators_where_there_are_none(self):
        self.expect_refused("has no accumulators", family="f32-vmulc", tile=160, accumulators=5)

    def test_duplicate(self):
        self.assertEqual(add(self.root).returncode, 0)
        self.expect_refused("duplicate")

    def test_unknown_family(self):
        self.expect_refused("unknown family", family="f32-rmin")

    def test_unknown_instruction_set(self):
        self.expect_refused("unknown instruction set", isa="abacus")


class RefusedKernelList(CopiedTree):

    def test_two_defaults(self):
        self.change_kernel_list(r'("f32-rmax", "isa": "avx2", .*"default": )False', r"\1True")
        self.expect_refused_list("f32-rmax avx2: exactly one kernel must be the default, not 2")

    def test_no_default(self):
        self.change_kernel_list(r'("f32-rmax", "isa": "avx2", .*"default": )True', r"\1False")
        self.expect_refused_list("f32-rmax avx2: exactly one kernel must be the default, not 0")

    def test_duplicate_row(self):
        self.change_kernel_list(r'(.*"f32-rmax", "isa": "avx2", .*"default": False.*\n)', r"\1\1")
        self.expect_refused_list("duplicate")

    def test_missing_field(self):
        self.change_kernel_list(r'("f32-rmax", "isa": "avx2", .*"tile": \d+), "accumulators": \d+', r"\1")
        self.expect_refused_list("fields must be")

    def test_field_of_the_wrong_type(self):
        self.change_kernel_list(r'("f32-rmax", "isa": "avx2", .*)"tile": (\d+)', r'\1"tile": "\2"')
        self.expect_refused_list("tile must be of type int")

    def test_instruction_set_twice(self):
        self.change_kernel_list(r'"name": "avx2"', '"name": "scalar"')
        self.expect_refused_list("stands in ISAS twice")

    def test_unknown_architecture(self):
        self.change_kernel_list(r'"architecture": "x86_64"', '"architecture": "abacus"')
        self.expect_refused_list("unknown architecture abacus")

    def test_no_vocabulary(self):
        self.change_kernel_list(r'"name": "avx2"', '"name": "abacus"')
        self.expect_refused_list("no src/simd/abacus.h")


class GeneratedKernels(unittest.TestCase):

    def test_include_no_table(self):
        """A new row changes the tables: a kernel that includes them would be compiled again for every row."""
        kernels = sorted((ROOT / "src").glob("*/gen/*-scalar-*.c"))
        self.assertGreater(len(kernels), 15)
        result = subprocess.run(
            ["gcc", "-std=c11", f"-I{ROOT}", "-MM", *kernels], capture_output=True, text=True, check=True)
        self.assertNotIn(".inc", result.stdout)

if __name__ == "__main__":
    unittest.main()
