#!/usr/bin/env python3
"""What needs no GPU: idle time from marks, rows from rounds, contenders that cannot run named."""
import contextlib
import io
import pathlib
import sys
import tempfile
import types
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import contenders  # noqa: E402
import peers  # noqa: E402
from steps import STEPS, idle_share  # noqa: E402


class Mark:
    """An event that passed at a time."""

    def __init__(self, at_ms):
        self.at_ms = at_ms

    def elapsed_time(self, later):
        return later.at_ms - self.at_ms

    def synchronize(self):
        pass


class Peers(unittest.TestCase):
    def test_a_device_is_idle_between_the_steps_and_not_before_the_first(self):
        busy = [(Mark(10), Mark(20)), (Mark(20), Mark(30)), (Mark(30), Mark(40))]
        late = [(Mark(10), Mark(20)), (Mark(25), Mark(30)), (Mark(35), Mark(40))]
        self.assertEqual(idle_share(busy), 0)
        self.assertAlmostEqual(idle_share(late), 10 / 30)
        self.assertEqual(idle_share(busy[:1]), 0)

    def test_rows_have_rates_cores_idle_time_and_ratios_within_rounds(self):
        answer = {"items": 1000, "wall_s": 2.0, "cpu_s": 6.0, "idle": 0.25}
        twice = {**answer, "items": 2000}
        rows = peers.rows_of("no step", {"headrace, auto": [twice] * 3,
                                         "DALI, mixed": [answer] * 3})
        self.assertEqual([row["value"] for row in rows], [1000, 500])
        self.assertEqual(rows[0]["ratio"], {"of": "DALI, mixed, no step", "value": 2})
        self.assertEqual((rows[0]["cores"], rows[0]["gpu_idle"]), (3, 0.25))

    def test_a_contender_that_cannot_run_is_named_with_its_reason(self):
        options = types.SimpleNamespace(batch=4, cores=1)
        said = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(said):
            self.assertFalse(peers.works("headrace, gpu", pathlib.Path(folder), options))
        self.assertIn("not run: headrace, gpu: ", said.getvalue())
        self.assertNotIn("no reason given", said.getvalue())

    def test_all_modes_of_ours_and_three_steps_are_compared(self):
        ours = {name.split(", ")[1] for name in contenders.CONTENDERS
                if name.startswith("headrace")}
        self.assertEqual(ours, {"exact", "fast", "gpu", "auto"})
        self.assertEqual(len(STEPS), 3)


if __name__ == "__main__":
    unittest.main()
