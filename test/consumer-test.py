#!/usr/bin/python3
"""A workspace of somebody else's that uses the library as docs/linking.md says: with a name of its own for it, without our
.bazelrc, without optimisation, and even with -ffast-math for everything."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import documented

ROOT = documented.ROOT


class Consumer(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.addCleanup(lambda: self.bazel("shutdown"))
        workspace, build, offline = documented.code_blocks("docs/linking.md", "python")
        (self.folder / "WORKSPACE").write_text((workspace + offline).replace("/home/you/xnnpack-softmax", str(ROOT)))
        (self.folder / "BUILD").write_text(build)
        shutil.copy(ROOT / "examples" / "operator-alone.c", self.folder / "program.c")

    def bazel(self, *arguments):
        startup = ["--nohome_rc", f"--output_user_root={self.folder / 'output'}"]
        return subprocess.run(["bazel", *startup, *arguments], cwd=self.folder, capture_output=True, text=True)

    def test_builds_optimised_and_computes(self):
        result = self.bazel("build", "--copt=-ffast-math", "--spawn_strategy=local", "//:program")
        self.assertEqual(result.returncode, 0, result.stderr)
        result = subprocess.run(
            [self.folder / "bazel-bin" / "program", ROOT / "examples" / "data" / "logits.txt"], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertNotEqual(result.stdout, "")
        commands = self.bazel(
            "aquery", "--copt=-ffast-math", "mnemonic(CppCompile, @softmax//:xnnpack_softmax + @softmax//:kernels_scalar)")
        self.assertEqual(commands.returncode, 0, commands.stderr)
        compilations = [text for text in commands.stdout.split("\n\n") if "Command Line:" in text]
        self.assertGreater(len(compilations), 20)
        for compilation in compilations:
            self.assertIn("-O2", compilation)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
