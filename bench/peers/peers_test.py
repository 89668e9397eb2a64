#!/usr/bin/env python3
"""The harness of ./run bench peers: what it reads of a contender, and what it makes of it.

No peer is needed: contenders here are small Python programs that speak the same lines.
"""
import math
import os
import pathlib
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import beside  # noqa: E402
import chart  # noqa: E402
import measure  # noqa: E402
import results  # noqa: E402
import write  # noqa: E402
from contenders import CONTENDERS, OURS, chosen  # noqa: E402

LOOK = {"shape": [256, 3, 224, 224], "type": "float32", "mean": [0.0, 0.1, 0.2]}
WINDOW = 'print("end"); print(\'{"images": 512, "wall_s": 2.0, "waits_ms": [1.5]}\', flush=True)'
BEGIN = 'print("first"); print("{}"); print("begin", flush=True)'
BURN = "import time\nbegin = time.process_time()\nwhile time.process_time() - begin < 0.3: pass"

# A child that does what stands between these and lives on; the parent goes on when it has.
FORK = "import os, signal\nended, told = os.pipe()\nchild = os.fork() == 0"
READY = "  os.write(told, b'.')\n  signal.pause()\nos.read(ended, 1)"


def run(*lines, silence_s=20):
    with tempfile.TemporaryDirectory() as folder:
        return measure.run([sys.executable, "-c", "\n".join(lines)], os.sched_getaffinity(0),
                           pathlib.Path(folder) / "log", silence_s)


def sample(rate, cpu_ms=1.0, first_batch_s=1.0, rss_bytes=1 << 20, look=LOOK):
    return measure.Sample(images=rate, wall_s=1.0, cpu_s=cpu_ms * rate / 1e3,
                          first_batch_s=first_batch_s, rss_bytes=rss_bytes, pss_bytes=rss_bytes,
                          look=look, waits_ms=[])


def token_row(name, of_ours):
    return {"name": name, "value": 1234.5, "unit": "M tokens/s", "spread": 0.05, "rounds": 5,
            "ratio": {"of": "headrace", "value": of_ours}}


TOKENS = {"bench": "tokens", "rows": [
    token_row("megatron-core, 0 workers", 0.05), token_row("megatron-core, 1 worker", 0.125),
    token_row("megatron-core, 0 workers: CPU", 0.9), token_row("nanoGPT get_batch", 0.2)]}


class Beside(unittest.TestCase):
    def test_the_best_of_theirs_counts_and_cpu_rows_do_not(self):
        held = [(reached, held) for _, reached, _, held in beside.goals(TOKENS)]
        self.assertEqual(held, [(8.0, False), (5.0, True)])

    def test_python_is_measured_against_the_command(self):
        row = token_row("Python, imagenet preset", 0.99) | {"unit": "images/s"}
        each = {"name": "next()", "value": 25.0, "unit": "us/batch", "spread": 0, "rounds": 5}
        found = beside.goals({"bench": "python", "rows": [row, each]})
        self.assertEqual([held for *_, held in found], [True, False])

    def test_formats_have_a_goal_each_where_they_were_measured(self):
        rows = [token_row("headrace tar / webdataset", 1) | {"value": 4.5},
                token_row("headrace jsonl / orjson, 2 processes", 1) | {"value": 2.9},
                token_row("headrace tar, page / webdataset", 1) | {"value": 1}]
        found = beside.goals({"bench": "formats", "rows": rows})
        self.assertEqual([(reached, held) for _, reached, _, held in found],
                         [(4.5, True), (2.9, False)])
        rows = [token_row(name, 1) | {"ratio": {"of": of, "value": ratio}} for name, of, ratio in
                (("gpt2, headrace", "gpt2, tokenizers", 20), ("m, headrace", "sentencepiece", 2))]
        found = list(beside.goals({"bench": "tokenizer", "rows": rows}))
        self.assertEqual([(reached, held) for _, reached, _, held in found], [(20, True)])

    def test_a_benchmark_without_goals_is_a_table(self):
        text = beside.section({"bench": "small", "rows": TOKENS["rows"]})
        self.assertIn("| nanoGPT get_batch | 1,234 | M tokens/s | 5% | 5 | 0.2 of headrace |", text)
        self.assertNotIn("goal", text)


class Measure(unittest.TestCase):
    def test_a_window_counts_the_cpu_time_of_children_and_of_children_that_ended(self):
        burn = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])"
        got = run(BEGIN, burn, WINDOW, "input()")
        self.assertEqual(got.images, 512)
        self.assertGreater(got.cpu_s, 0.25)
        self.assertLess(got.cpu_s, 5)

    def test_cpu_time_before_the_window_is_not_counted(self):
        got = run(BURN, BEGIN, "time.sleep(0.2)", WINDOW, "input()")
        self.assertLess(got.cpu_s, 0.25)
        self.assertGreaterEqual(got.first_batch_s, 0.3)

    def test_memory_is_the_peak_of_the_whole_tree(self):
        got = run(FORK, "if child:", "  data = bytearray(200 << 20)", "  del data", READY,
                  BEGIN, WINDOW, "input()")
        self.assertGreater(got.rss_bytes, 200 << 20)
        self.assertGreater(got.rss_bytes, got.pss_bytes)

    def test_a_contender_that_dies_is_a_failure_with_its_last_words(self):
        with self.assertRaisesRegex(measure.Failure, "before 'begin'.*no such picture"):
            run('print("first"); print("{}", flush=True)', 'raise OSError("no such picture")')

    def test_a_silent_contender_is_ended(self):
        with self.assertRaisesRegex(measure.Failure, "after 1 s, before 'first'"):
            run("import time; time.sleep(60)", silence_s=1)

    def test_nothing_of_a_contender_outlives_its_run(self):
        with tempfile.TemporaryDirectory() as folder:
            mark = pathlib.Path(folder) / "pid"
            run(FORK, "if child:", f"  open({str(mark)!r}, 'w').write(str(os.getpid()))", READY,
                BEGIN, WINDOW, "input()")
            stat = measure.read_stat(mark.read_text())
            self.assertTrue(stat is None or stat[0] == "Z", stat)


class Results(unittest.TestCase):
    def test_rows_are_medians_with_their_spread(self):
        rounds = [{"headrace": sample(rate)} for rate in (100, 300, 200)]
        row, = results.rows_of(rounds)
        self.assertEqual((row.rate, row.spread, row.rounds), (200, 1.0, 3))

    def test_a_ratio_is_the_median_of_each_rounds_own(self):
        rounds = [{"headrace": sample(mine), "loop": sample(its)}
                  for mine, its in ((100, 10), (100, 50), (100, 100))]
        self.assertEqual(results.ratio(rounds, "rate", "headrace", "loop"), 2)

    def test_a_ratio_is_of_the_rounds_that_both_took_part_in(self):
        rounds = [{"headrace": sample(100), "loop": sample(50)}, {"headrace": sample(400)}]
        self.assertEqual([row.rounds for row in results.rows_of(rounds)], [2, 1])
        self.assertEqual(results.ratio(rounds, "rate", "headrace", "loop"), 2)
        self.assertTrue(math.isnan(results.ratio(rounds, "rate", "headrace", "dali")))

    def test_goals_compare_with_the_best_of_each_figure_and_fail_when_missed(self):
        rounds = [{"headrace": sample(2000, cpu_ms=0.5),
                   "torchvision-pillow": sample(400, cpu_ms=3),
                   "torchvision-tensor": sample(600, cpu_ms=2)}]
        rate, cpu, *_ = results.goals(rounds, results.rows_of(rounds))
        self.assertIn("tensors", rate[0])
        self.assertEqual((rate[1], rate[3]), ("3.33", False))
        self.assertEqual((cpu[1], cpu[3]), ("0.25", True))

    def test_a_batch_of_another_shape_type_or_color_order_is_refused(self):
        looks = {"torchvision-pillow": {**LOOK, "shape": [128, 3, 224, 224]},
                 "torchvision-tensor": {**LOOK, "type": "uint8"},
                 "loop": {**LOOK, "mean": [0.4, 0.1, -0.2]}}
        samples = {name: sample(1, look=look) for name, look in looks.items()}
        samples["headrace"] = sample(1)
        self.assertEqual({name for name, _ in results.check_looks(samples, 256)}, set(looks))

    def test_rounds_survive_being_written(self):
        rounds = [{"headrace": sample(100), "loop": sample(50)}]
        form = results.json_form({}, {}, rounds, results.rows_of(rounds))
        self.assertEqual(results.rounds_of(form), rounds)
        self.assertEqual({"of", "value"}, set(form["rows"][0]["ratio"]))


class Output(unittest.TestCase):
    def test_the_page_names_every_contender_and_why_one_did_not_run(self):
        rounds = [{each.name: sample(100 + number) for number, each in enumerate(CONTENDERS)
                   if each.name != "loop"}]
        options = type("Options", (), {"batch": 256, "cores": 2, "warm_up_s": 2.0, "seconds": 5.0})
        page = write.page(options, rounds, results.rows_of(rounds), {"loop": "no simplejpeg"},
                          [TOKENS])
        for each in CONTENDERS:
            self.assertIn(each.title, page)
        self.assertIn("no simplejpeg", page)

    def test_charts_are_well_formed_and_as_long_as_their_values(self):
        svg = chart.bars("a < b", "c & d", [("one", 100, "x", "ours"), ("two", 50, "y", "theirs")])
        boxes = xml.dom.minidom.parseString(svg).getElementsByTagName("rect")
        first, second = (float(each.getAttribute("width")) for each in boxes)
        self.assertAlmostEqual(first, 2 * second, delta=0.2)

    def test_a_strip_ends_where_it_is_cut(self):
        svg = chart.strips("t", "s", [("one", "x", [(0.5, 1.0)] * 9)], 3)
        rects = xml.dom.minidom.parseString(svg).getElementsByTagName("rect")
        ends = [float(each.getAttribute("x")) + float(each.getAttribute("width"))
                for each in rects if each.getAttribute("class") in ("wait", "busy")]
        self.assertLessEqual(max(ends), chart.WIDTH - 15)

    def test_an_unknown_name_is_refused_with_the_known_ones(self):
        with self.assertRaisesRegex(SystemExit, "no contender dalli.*torchvision-pillow"):
            chosen(["dalli"])
        self.assertEqual(chosen([]), list(CONTENDERS))
        self.assertTrue(any(each.kind == OURS for each in CONTENDERS))


if __name__ == "__main__":
    unittest.main()
