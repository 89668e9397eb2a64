"""Stall accounting by a clock that the test moves, and of the real loader."""
import time
import unittest
from unittest import mock

import numpy

import headrace as hr
from shards import WithShards


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


class Slow:
    """Somebody's loader, with torch's name for the number of its workers if it has any."""

    def __init__(self, clock, load_s, steps, workers):
        self.clock, self.load_s, self.steps = clock, load_s, steps
        if workers is not None:
            self.num_workers = workers

    def __iter__(self):
        for _ in range(self.steps):
            self.clock.now_s += self.load_s
            yield {"image": numpy.zeros((16, 2))}


class Wrapped(unittest.TestCase):
    def run_loop(self, load_s, step_s, steps=50, workers=None):
        clock = Clock()
        wrapped = hr.account.Wrapped(Slow(clock, load_s, steps, workers), clock)
        for _ in wrapped:
            clock.now_s += step_s
        return wrapped.verdict()

    def test_a_slow_loader_is_named_with_what_it_supplies(self):
        verdict = self.run_loop(load_s=0.03, step_s=0.01)
        self.assertEqual((verdict.kind, verdict.stage), ("short", "loader"))
        self.assertAlmostEqual(verdict.wait_share, 0.75)
        self.assertAlmostEqual(verdict.supply_per_s, 16 / 0.04, delta=1)
        self.assertAlmostEqual(verdict.demand_per_s, 16 / 0.01, delta=1)
        self.assertEqual((verdict.steps, verdict.samples), (50, 800))
        self.assertIn("more threads or processes", str(verdict))

    def test_somebodys_workers_are_advised_in_their_own_terms(self):
        with mock.patch("os.sched_getaffinity", return_value=range(8)):
            said = str(self.run_loop(load_s=0.02, step_s=0.01, workers=0))
            self.assertIn("made 533 samples/s in the trainer's own process", said)
            self.assertIn("Set num_workers=4 (now 0).", said)
            self.assertIn("Set num_workers=8 (now 2).",
                          str(self.run_loop(load_s=0.02, step_s=0.01, workers=2)))
            self.assertIn("num_workers=40 would do (now 4), but there are 8 cores",
                          str(self.run_loop(load_s=0.073, step_s=0.01, workers=4)))

    def test_a_fed_trainer_is_fed(self):
        self.assertEqual(self.run_loop(load_s=0.0001, step_s=0.05).kind, "fed")

    def test_a_short_loop_is_too_brief(self):
        self.assertEqual(self.run_loop(load_s=0.01, step_s=0.01, steps=3).kind, "too_brief")

    def test_it_is_the_wrapped_loader_in_all_else(self):
        wrapped = hr.wrap([(numpy.zeros((4, 2)), numpy.zeros(4))] * 3)
        self.assertEqual((len(wrapped), len(list(wrapped)), wrapped.count(1)), (3, 3, 0))
        self.assertEqual(wrapped.verdict().samples, 12)
        self.assertIn("headrace.wrap of list: Too brief", repr(wrapped))


class Ours(WithShards):
    def test_a_slow_python_function_is_named(self):
        def slow(batch):
            time.sleep(0.02)
            return batch

        loader = self.loader(batch=2).map(slow)
        for _ in range(2):
            for _ in loader:
                pass
        verdict = loader.verdict()
        self.assertEqual((verdict.kind, verdict.stage), ("short", "map slow"), str(verdict))
        self.assertLess(verdict.supply_per_s, 2 / 0.02)

    def test_map_changes_a_batch_or_each_sample(self):
        def add(batch):
            return {**batch, "label": batch["label"] + 100}

        for per in ("batch", "sample"):
            loader = self.loader().map(add, per=per)
            seen = [label for batch in loader for label in batch["label"]]
            self.assertEqual(sorted(seen), list(range(100, 150)))

    def test_isolate_times_each_part_and_leaves_the_place(self):
        loader = self.loader()
        next(iter(loader))
        place = loader.place

        def step(batch):
            time.sleep(0.005)

        parts = loader.isolate(20, step=step, copy=lambda batch: dict(batch))
        self.assertEqual(loader.place, place)
        self.assertLess(parts.step_per_s, 8 / 0.005)
        self.assertGreater(parts.loader_per_s, 0)
        self.assertGreater(parts.copy_per_s, 0)
        for said in ("samples/s", "\n  loader alone: ", "\n  loader with copies: ",
                     "\n  step alone: "):
            self.assertIn(said, str(parts))


if __name__ == "__main__":
    unittest.main()
