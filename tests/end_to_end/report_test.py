"""The report's numbers add up: with each other, with the data, and with the kernel's own books."""
import json
import os
import re

from harness import Case, main, write_tree

SLACK = 0.03  # of a sum of times: what lies between two clock readings


class Report(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", 400)
        self.expect(0, "pack", "tree", "out", "--shard-size", "1M", "--quiet")

    def feed(self, *options):
        """The record, and /proc/PID/io of the process after its end, before it is reaped."""
        process = self.start("feed", "out", "--batch", "20", "--json", "run.json", "--quiet",
                             *options)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with open(f"/proc/{process.pid}/io") as file:
            kernel = {key: int(value) for key, value in re.findall(r"(\w+): (\d+)", file.read())}
        self.check(self.end(process), 0)
        return json.loads((self.folder / "run.json").read_text()), kernel

    def drop_caches(self):
        for path in (self.folder / "out").iterdir():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def assert_sums(self, record, accelerators=1):
        totals, window = record["totals"], record["window"]
        wall_s = totals["wall_s"]
        parts_s = sum(totals[part] for part in ("open_s", "wait_s", "compute_s", "own_s"))
        self.assertLessEqual(parts_s, wall_s)
        self.assertGreater(parts_s, (1 - SLACK) * wall_s)
        self.assertGreaterEqual(totals["compute_s"], totals["steps"] * totals["step_target_s"])
        self.assertAlmostEqual(totals["samples_per_s"], totals["samples"] / wall_s, delta=0.01)
        self.assert_intervals(record)
        self.assert_histogram(record["batch_latency"], totals["steps"] * accelerators)
        waited_s = record["batch_latency"]["sum_ns"] / 1e9
        self.assertAlmostEqual(waited_s, totals["wait_s"], delta=1e-6)
        self.assert_histogram(record["read_latency"], None)
        share = window["wait_s"] / window["window_s"]
        self.assertAlmostEqual(record["verdict"]["wait_share"], share, delta=1e-6)
        self.assertLess(window["window_s"], wall_s)
        if window["reads"]["reads"] > 0:  # what was just packed lies in memory and is mapped
            self.assertLess(window["reads"]["reads"], record["read_latency"]["count"])
        self.assertLessEqual(window["reads"]["bytes"], totals["read_bytes"])

    def assert_intervals(self, record):
        """Rates times their seconds give the run's totals: no second is lost or told twice."""
        totals, intervals = record["totals"], record["intervals"]
        ends_s = [interval["t_s"] for interval in intervals]
        lengths_s = [end - begin for begin, end in zip([0, *ends_s], ends_s)]
        self.assertAlmostEqual(ends_s[-1], totals["wall_s"], delta=0.05)

        def total(key):
            return sum(interval[key] * length for interval, length in zip(intervals, lengths_s))
        self.assertAlmostEqual(total("samples_per_s"), totals["samples"], delta=0.5)
        self.assertAlmostEqual(total("wait_share"), totals["wait_s"], delta=0.001)
        self.assertAlmostEqual(total("read_bytes_per_s"), totals["read_bytes"],
                               delta=0.001 * totals["read_bytes"])

    def assert_histogram(self, histogram, count):
        counted = sum(bucket[2] for bucket in histogram["buckets_low_high_count"])
        self.assertEqual(counted, histogram["count"])
        if count is not None:
            self.assertEqual(histogram["count"], count)
        self.assertLessEqual(histogram["p50_ns"], histogram["p99_ns"])
        self.assertLessEqual(histogram["p99_ns"], histogram["max_ns"] * 1.05)

    def assert_workers_are_accounted_for(self, record):
        window = record["window"]
        stages = [stage for stage in window["stages"] if stage["pool"] == "workers"]
        spent_s = sum(stage["busy_s"] for stage in stages) + window["worker_idle_s"]
        there_s = stages[0]["threads"] * window["window_s"]
        self.assertAlmostEqual(spent_s / there_s, 1, delta=SLACK)

    def test_times_add_up_when_workers_are_short(self):
        record, _ = self.feed("--epochs", "40", "--workers", "2", "--cache", "page")
        self.assert_sums(record)
        self.assertGreater(record["window"]["reads"]["reads"], 0)
        self.assert_workers_are_accounted_for(record)
        self.assertEqual(record["totals"]["samples"], 40 * 400)

    def test_times_add_up_when_the_accelerator_is_slow(self):
        record, _ = self.feed("--epochs", "0", "--steps", "60", "--step-ms", "40")
        self.assert_sums(record)
        self.assert_workers_are_accounted_for(record)
        self.assertEqual(record["totals"]["samples"], 60 * 20)
        self.assertEqual(record["verdict"]["kind"], "fed", record["verdict"])

    def test_several_accelerators_take_their_batches_each_step(self):
        record, _ = self.feed("--epochs", "4", "--accelerators", "4", "--step-ms", "20")
        self.assert_sums(record, accelerators=4)
        self.assertEqual((record["totals"]["samples"], record["totals"]["steps"]), (1600, 20))

    def test_bytes_read_are_those_of_the_samples(self):
        inspected = json.loads(self.expect(0, "inspect", "out", "--json", "-").out)
        fields = sum(field["bytes"] for field in inspected["fields"])
        record, kernel = self.feed("--epochs", "3", "--engine", "threads", "--cache", "page")
        totals = record["totals"]
        # A sample's fields are read as one span with what lies between; neighbors may be, too.
        between = 3 * 400 * 2048
        self.assertGreaterEqual(totals["read_bytes"], 3 * fields)
        self.assertLessEqual(totals["read_bytes"], 3 * fields + between)
        self.assertLessEqual(totals["read_bytes"], totals["process_rchar"])
        self.assertLess(totals["process_rchar"] - totals["read_bytes"], 1 << 20)
        self.assertLessEqual(totals["process_rchar"], kernel["rchar"])
        self.assertLess(kernel["rchar"] - totals["process_rchar"], 1 << 20)

    def test_direct_reads_are_what_the_kernel_fetched(self):
        for engine in ("uring", "threads", "psync"):
            record, kernel = self.feed("--epochs", "2", "--engine", engine, "--cache", "direct")
            totals, reads = record["totals"], record["read_latency"]["count"]
            if not record["window"]["reads"]["direct"] or totals["process_read_bytes"] == 0:
                self.skipTest("no direct reads from a block device here")
            blocks = 2 * 4096 * reads  # an unaligned span reaches into a block at either end
            self.assertGreaterEqual(totals["process_read_bytes"], totals["read_bytes"])
            self.assertLessEqual(totals["process_read_bytes"], totals["read_bytes"] + blocks)
            self.assertLess(kernel["read_bytes"] - totals["process_read_bytes"], 4 << 20)

    def test_a_cold_page_cache_is_filled_once(self):
        self.drop_caches()
        record, _ = self.feed("--epochs", "4", "--cache", "page", "--engine", "uring")
        totals, size = record["totals"], record["dataset"]["bytes"]
        if totals["process_read_bytes"] == 0:
            self.skipTest("this file system is no block device")
        self.assertGreater(totals["process_read_bytes"], 0.9 * size)
        self.assertLess(totals["process_read_bytes"], 1.5 * size + (4 << 20))
        self.assertGreater(totals["read_bytes"], 3.5 * size)


if __name__ == "__main__":
    main()
