"""What the package is before it reads anything: what an import costs, the command,
what the README shows."""
import pathlib
import subprocess
import sys
import unittest

import headrace as hr

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Import(unittest.TestCase):
    def test_is_of_itself_and_a_few_modules_of_the_standard_library(self):
        """67 modules on Python 3.11, 27 ms of a processor: counted, since time is the machine's."""
        code = ("import sys; before = set(sys.modules); import headrace\n"
                "print(*sorted(set(sys.modules) - before))")
        said = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True,
                              check=True).stdout.split()
        foreign = {name.split(".")[0] for name in said} - {"headrace"} - sys.stdlib_module_names
        self.assertEqual(foreign, set())
        self.assertLess(len(said), 80, said)


class Command(unittest.TestCase):
    def test_is_the_package_run_as_a_module(self):
        done = self.run_module("--version")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines()[0], f"headrace {hr.__version__}")
        done = self.run_module("inspect", "/nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere", done.stderr)

    def run_module(self, *words):
        return subprocess.run([sys.executable, "-m", "headrace", *words], capture_output=True,
                              text=True)


class Readme(unittest.TestCase):
    def test_shows_the_example_that_runs(self):
        program = (ROOT / "examples" / "ddp.py").read_text().split('"""\n', 1)[1]
        shown = (ROOT / "README.md").read_text().split("```python\n")[1].split("```\n")[0]
        self.assertEqual(shown, program)


if __name__ == "__main__":
    unittest.main()
