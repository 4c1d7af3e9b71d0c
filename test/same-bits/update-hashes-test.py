#!/usr/bin/python3
"""tools/update-hashes.py, with a writer that writes what a test says."""

import pathlib
import subprocess
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "update-hashes.py"
ONE = "version 1\naa  first\nbb  second\n"


class UpdateHashes(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.hashes = self.folder / "hashes.txt"

    def update(self, new):
        writer = self.folder / "writer"
        writer.write_text(f"#!/bin/sh\nprintf '{new}' >\"$XNNX_WRITE_HASHES\"\n")
        writer.chmod(0o755)
        return subprocess.run([TOOL, "--writer", writer, "--hashes", self.hashes], capture_output=True, text=True)

    def check(self, old, new, is_written):
        self.hashes.write_text(old)
        result = self.update(new)
        self.assertEqual(result.returncode, 0 if is_written else 1, result.stderr)
        self.assertEqual(self.hashes.read_text(), new if is_written else old)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["hashes.txt", "writer"])
        return result

    def test_the_first_file_is_written(self):
        self.assertEqual(self.update(ONE).returncode, 0)
        self.assertEqual(self.hashes.read_text(), ONE)

    def test_the_same_hashes_are_written(self):
        self.check(ONE, ONE, is_written=True)

    def test_new_cases_need_no_new_version(self):
        self.check(ONE, ONE + "cc  third\n", is_written=True)

    def test_another_hash_needs_a_new_version(self):
        result = self.check(ONE, ONE.replace("bb", "b0"), is_written=False)
        self.assertIn("1 of 2 hashes change or are gone, second for one", result.stderr)
        self.check(ONE.replace("version 1", "version 2"), ONE.replace("bb", "b0"), is_written=False)

    def test_a_case_goes_with_a_new_version(self):
        self.check(ONE, "version 1\naa  first\n", is_written=False)
        self.check(ONE, "version 2\naa  first\n", is_written=True)

    def test_a_new_version_may_have_other_hashes(self):
        self.check(ONE, ONE.replace("bb", "b0").replace("version 1", "version 2"), is_written=True)


if __name__ == "__main__":
    unittest.main()
