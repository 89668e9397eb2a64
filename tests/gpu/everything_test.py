"""everything.sh from its first line to its last, so that no slip in it costs minutes of a lent GPU:
gpu_check over the stand-ins, beneath a compute-sanitizer that only starts what it is told to.

Usage: everything_test.py GPU_CHECK STAND_INS
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM, STAND_INS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
SANITIZER = """#!/bin/sh
test "$1 $3 $4" = "--tool --error-exitcode 9" || exit 64
echo "$2" >> "$(dirname "$0")/tools"
test {code} = 0 || exit {code}
shift 4
"$@" || exit 9
"""


class Everything(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headrace-gpu-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(HERE / "everything.sh", self.folder)
        (self.folder / "gpu_check").symlink_to(PROGRAM)

    def run_all(self, *arguments, sanitizer=None, stand_ins=True):
        path = os.environ["PATH"]
        if sanitizer is not None:
            program = self.folder / "tools-of-cuda" / "compute-sanitizer"
            program.parent.mkdir()
            program.write_text(SANITIZER.format(code=sanitizer))
            program.chmod(0o755)
            path = f"{program.parent}:{path}"
        libraries = [word for name, option in (("cuda", "--library"), ("nvjpeg", "--nvjpeg"),
                                               ("nvcomp", "--nvcomp"), ("cufile", "--cufile"))
                     for word in (option, STAND_INS / f"lib{name}_stand_in.so")]
        return subprocess.run(
            [self.folder / "everything.sh", *arguments, *(libraries if stand_ins else ())],
            env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=400)

    def test_all_that_holds_is_said_and_written(self):
        ended = self.run_all("--small", "--rounds", "2", sanitizer=0)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertNotIn("not run", ended.stdout)
        self.assertNotIn("FAILED", ended.stdout)
        for line in ("ok      a job's rows with read_to = device are the host's",
                     "ok      compute-sanitizer racecheck"):
            self.assertIn(line, ended.stdout)
        tools = (self.folder / "tools-of-cuda" / "tools").read_text().split()
        self.assertEqual(tools, ["memcheck", "racecheck", "synccheck"])
        self.assertEqual((self.folder / "gpu-check.txt").read_text(), ended.stdout)
        rates = json.loads((self.folder / "gpu-check.json").read_text())
        self.assertGreater(len(rates["rows"]), 10)
        self.assertTrue(all(row["rounds"] == 2 for row in rates["rows"]), rates)

    def test_what_a_sanitizer_finds_is_a_failure(self):
        ended = self.run_all("--small", "--rounds", "1", sanitizer=9)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("FAILED  compute-sanitizer memcheck", ended.stdout)

    def test_without_a_gpu_it_says_what_it_could_not_run(self):
        ended = self.run_all("--small", "--rounds", "1", "--library", "libnowhere.so",
                             stand_ins=False)
        self.assertEqual(ended.returncode, 2, ended.stdout + ended.stderr)
        self.assertIn("not run: kernels against their twins", ended.stdout)
        self.assertIn("not run: compute-sanitizer: it wants a GPU", ended.stdout)
        self.assertNotIn("FAILED", ended.stdout)

    def test_it_ends_within_eight_minutes(self):
        limits = [int(each) for each in re.findall(r"timeout (\d+)",
                                                   (HERE / "everything.sh").read_text())]
        self.assertEqual(len(limits), 2)
        self.assertLess(limits[0] + 3 * limits[1], 480)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
