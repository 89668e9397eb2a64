"""The README's Python example on real photographs: its loss falls; killed with SIGKILL and
resumed on another number of ranks, its sample log is the uninterrupted run's.

With $HEADRACE_WHEEL in a venv that has that wheel and sees this Python's torch, and nothing of a
build tree; else with the package that this Python has.
"""
import collections
import os
import pathlib
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "ddp.py"
RANK = ROOT / "tests" / "torch" / "rank.py"
CLASSES, PICTURES, EPOCHS, STEPS = 8, 80, 3, 10


class Ddp(unittest.TestCase):
    def setUp(self):
        photos = os.environ.get("HEADRACE_PHOTOS")
        if not photos:
            self.skipTest("HEADRACE_PHOTOS names no photo set (./run test does)")
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)
        self.python, self.environment = sys.executable, {**os.environ, "OMP_NUM_THREADS": "1"}
        if os.environ.get("HEADRACE_WHEEL"):
            self.install(os.environ["HEADRACE_WHEEL"])
        listed = self.folder / "photos.tsv"
        listed.write_text("".join(f"{path}\t{label}\n" for path, label in some_of(photos)))
        self.say("-m", "headrace", "pack", listed, self.folder / "packed", "--quiet")

    def install(self, wheel):
        venv = self.folder / "venv"
        self.say("-m", "venv", "--without-pip", venv)
        self.say("-m", "pip", "-q", "--disable-pip-version-check", "--python", venv, "install",
                 "--no-index", "--no-deps", wheel)
        self.python = str(venv / "bin" / "python")
        del self.environment["PYTHONPATH"]
        packages = self.say("-c", "import sysconfig as s; print(s.get_path('purelib'))")
        pathlib.Path(packages, "torch.pth").write_text(sysconfig.get_path("purelib") + "\n")
        where = self.say("-c", "import headrace; print(headrace.__file__)")
        self.assertTrue(where.startswith(str(venv)), where)

    def say(self, *words):
        done = subprocess.run([self.python, *map(str, words)], env=self.environment, text=True,
                              capture_output=True, cwd=self.folder, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.strip()

    def start(self, ranks, name):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return subprocess.Popen(
            [self.python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node",
             str(ranks), str(RANK), str(EXAMPLE), str(self.folder / "packed")], cwd=folder,
            env=self.environment, stderr=subprocess.PIPE, text=True)

    def finish(self, ranks, name):
        child = self.start(ranks, name)
        _, errors = child.communicate(timeout=300)
        self.assertEqual(child.returncode, 0, errors[-3000:])
        return log_of(self.folder / name)

    def kill_after(self, steps, ranks, name):
        child = self.start(ranks, name)
        deadline = time.monotonic() + 300
        while len(log_of(self.folder / name)) < steps:
            self.assertIsNone(child.poll(), "it ended before it could be killed")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        for process in [child.pid, *children_of(child.pid)]:  # ranks have sessions of their own
            os.kill(process, signal.SIGKILL)
        child.communicate()
        self.assertLess(len(log_of(self.folder / name)), STEPS * EPOCHS)

    def test_killed_and_resumed_on_another_world_takes_the_samples_of_the_uninterrupted_run(self):
        whole = self.finish(1, "whole")
        self.assertEqual(len(whole), STEPS * EPOCHS)
        for epoch in range(EPOCHS):
            ids = [i for place in list(whole)[STEPS * epoch:STEPS * (epoch + 1)]
                   for i in whole[place].ids]
            self.assertEqual(sorted(ids), list(range(CLASSES * PICTURES)))
        losses = [step.loss for step in whole.values()]
        self.assertLess(sum(losses[-5:]), 0.7 * sum(losses[:5]), losses)

        self.kill_after(12, 2, "killed")
        resumed = self.finish(4, "killed")
        self.assertEqual({place: step.ids for place, step in resumed.items()},
                         {place: step.ids for place, step in whole.items()})
        done = [len(steps_of(self.folder / "killed", ranks)) for ranks in (2, 4)]
        self.assertGreaterEqual(min(done), 1)
        self.assertLessEqual(sum(done), len(whole) + 1, "one step may be redone")
        for place, step in resumed.items():  # the same pixels too, so the same training
            self.assertAlmostEqual(step.loss, whole[place].loss, delta=0.02)


Step = collections.namedtuple("Step", "loss ids")


def some_of(photos):
    """(path, label) of a part of the photo set: the first classes that are large enough."""
    folders = [sorted(folder.iterdir()) for folder in sorted(pathlib.Path(photos).iterdir())]
    large = [files[:PICTURES] for files in folders if len(files) >= PICTURES][:CLASSES]
    return [(path, label) for label, files in enumerate(large) for path in files]


def children_of(parent):
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)
        except FileNotFoundError:  # it ended meanwhile
            pass


def log_of(folder):
    """{place: Step} of all worlds that have run there, which agree on what they both did."""
    steps = {}
    for world_size in (1, 2, 4):
        for place, step in steps_of(folder, world_size).items():
            assert steps.setdefault(place, step).ids == step.ids, place
    return {place: steps[place] for place in sorted(steps)}


def steps_of(folder, world_size):
    """What all ranks of this world have done: their rows in turn are the global order."""
    ranks = [lines_of(folder / f"samples-{rank}-of-{world_size}.log") for rank in range(world_size)]
    return {place: Step(sum(float(rank[place][0]) for rank in ranks) / world_size,
                        [int(i) for row in zip(*(rank[place][1:] for rank in ranks)) for i in row])
            for place in set.intersection(*map(set, ranks))}


def lines_of(path):
    """Whole lines only: the last may be half written."""
    text = path.read_text() if path.exists() else ""
    lines = [line.split() for line in text[:text.rfind("\n") + 1].splitlines()]
    return {(int(epoch), int(position)): rest for epoch, position, *rest in lines}


if __name__ == "__main__":
    unittest.main()
