"""The types that the package promises hold, and the stub is the module's."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Types(unittest.TestCase):
    def test_the_package_and_a_users_program_are_strictly_typed(self):
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"),
             "--cache-dir", str(pathlib.Path(tempfile.gettempdir()) / "headrace-mypy"),
             str(ROOT / "python" / "headrace"),
             str(pathlib.Path(__file__).parent / "typed_program.py")],
            capture_output=True, text=True,
            env={**os.environ, "MYPYPATH": str(ROOT / "python")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_committed_stub_is_what_the_module_says(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "made.pyi"
            subprocess.run([sys.executable, "-m", "nanobind.stubgen", "-q", "-m",
                            "headrace._headrace", "-o", str(path)], check=True)
            self.assertEqual(path.read_text(),
                             (ROOT / "python" / "headrace" / "_headrace.pyi").read_text(),
                             "python -m nanobind.stubgen -m headrace._headrace -o "
                             "python/headrace/_headrace.pyi")


if __name__ == "__main__":
    unittest.main()
