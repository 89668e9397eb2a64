"""Storage that fails or is refused, by the kernel itself: a lost XFS, a full disk, a slow device, a
file that shrinks, little lockable memory, io_uring behind a seccomp filter. Each run of the command
ends in the stated error or the stated fallback, within its time limit.
"""
import os
import shutil
import subprocess
import unittest

from storage_case import (BYTES_PER_SECOND, ENGINES, ENTER, HEADRACE, SETUP, StorageCase, Throttled,
                          confine, device_of, filter_of, join, write_samples)
from harness import main, shut_down, write_tree  # noqa: E402  (storage_case knows where it is)


class LostXfs(StorageCase):
    def test_every_engine_ends_with_the_file_the_offset_and_what_to_do(self):
        for engine in ENGINES:
            with self.subTest(engine):
                self.lose_and_check(engine)

    def lose_and_check(self, engine):
        data = self.folder / f"data-{engine}"
        self.mount_on_loop(data, "xfs", 400 << 20)
        write_samples(data, 2, 40, 100_000)
        self.expect(0, "inspect", data)
        process = self.start("feed", data, "--preset", "raw", "--batch", "4", "--prefetch", "2",
                             "--step-ms", "50", "--dump", f"dump-{engine}", "--engine", engine,
                             "--cache", "direct", "--workers", "1")
        self.await_file(process, self.folder / f"dump-{engine}" / "batch-000000.ids.npy")
        shut_down(data)
        self.check(self.end(process), 3, [".tar at byte", "Input/output error", "dmesg"])


class ShrunkFile(StorageCase):
    def test_every_engine_ends_with_the_file_and_the_offset(self):
        for engine in ENGINES:
            with self.subTest(engine):
                data = self.folder / "data"
                shutil.rmtree(data, ignore_errors=True)
                data.mkdir()
                write_samples(data, 1, 60, 100_000)
                dump = self.folder / f"dump-{engine}"
                process = self.start("feed", "data", "--preset", "raw", "--batch", "4",
                                     "--prefetch", "2", "--step-ms", "50", "--dump", dump,
                                     "--engine", engine, "--cache", "direct", "--workers", "1")
                self.await_file(process, dump / "batch-000000.ids.npy")
                os.truncate(data / "0.tar", 10_000)
                self.check(self.end(process), 3, ["0.tar at byte"])


TIMED = unittest.skipIf(os.environ.get("HEADRACE_SLOWED"), "a sanitizer slows the workers, too")


class ThrottledDevice(Throttled):

    @TIMED
    def test_the_verdict_is_storage_and_names_the_rate_that_it_gives(self):
        data = self.folder / "data"
        self.mount_on_loop(data, "ext4", 160 << 20)
        write_samples(data, 2, 400, 128 << 10)
        self.expect(0, "inspect", "data")
        group = self.throttled_group({data: BYTES_PER_SECOND})
        ended, record = self.feed("--step-ms", "1", preexec=lambda: join(group))
        self.check(ended, 0)
        window = record["window"]
        rate = window["reads"]["device_bytes"] / window["window_s"]
        self.assertAlmostEqual(rate / BYTES_PER_SECOND, 1, delta=0.15, msg=ended.out)
        self.assertEqual(record["verdict"]["kind"], "short", record["verdict"])
        self.assertEqual(record["verdict"]["stage"], "storage", record["verdict"])
        supply = record["verdict"]["supply_per_s"] * (128 << 10)
        self.assertAlmostEqual(supply / BYTES_PER_SECOND, 1, delta=0.15, msg=record["verdict"])


class SeveralDevices(Throttled):
    """One data set on two devices: both are read at once, each as fast as it is."""

    def lay_out(self, rates):
        """A data set on a device for each name; the control group that slows them."""
        folders = {}
        for name, rate in rates.items():
            folders[self.folder / name] = rate
            self.mount_on_loop(self.folder / name, "ext4", 160 << 20)
            write_samples(self.folder / name, 2, 250, 128 << 10)
        self.expect(0, "inspect", *folders)
        return self.throttled_group(folders)

    def feed_all(self, names, group):
        # Enough ahead that chance rarely leaves one device without work.
        ended, record = self.feed("--step-ms", "1", "--prefetch", "32", data=names,
                                  preexec=lambda: join(group))
        self.check(ended, 0)
        self.assertEqual(record["totals"]["samples"], 1000)
        totals = record["totals"]
        return totals["process_read_bytes"] / totals["wall_s"], record

    def best_rate(self, names, group, wanted, delta):
        """Of at most three runs: the limits bound it above, other work on the machine only lowers
        it, and devices read one after the other never come near."""
        rates = []
        while len(rates) < 3 and (not rates or max(rates) < (1 - delta) * wanted):
            rate, record = self.feed_all(names, group)
            rates.append(rate)
        self.assertAlmostEqual(max(rates) / wanted, 1, delta=delta, msg=rates)
        return record

    @TIMED
    def test_two_alike_give_twice_what_one_gives(self):
        group = self.lay_out({"a": BYTES_PER_SECOND, "b": BYTES_PER_SECOND})
        record = self.best_rate(("a", "b"), group, 2 * BYTES_PER_SECOND, 0.15)
        self.assertNotIn("The slow disk is", record["verdict"]["sentence"])

    @TIMED
    def test_a_slow_one_sets_the_pace_and_the_verdict_names_it(self):
        group = self.lay_out({"a": 4 * BYTES_PER_SECOND, "b": BYTES_PER_SECOND})
        record = self.best_rate(("a", "b"), group, 2 * BYTES_PER_SECOND, 0.2)
        verdict, window = record["verdict"], record["window"]
        self.assertEqual((verdict["kind"], verdict["stage"]), ("short", "storage"), verdict)
        slow = f"{device_of(self.folder / 'b')} ({self.folder / 'b'})"
        self.assertIn(f"The slow disk is {slow}: ", verdict["sentence"])
        self.assertNotIn("prefetch_batches", " ".join(verdict["advice"]))
        self.assertIn(slow, " ".join(verdict["advice"]))
        disks = {disk["name"]: disk for disk in window["reads"]["disks"]}
        fast = f"{device_of(self.folder / 'a')} ({self.folder / 'a'})"
        self.assertEqual(set(disks), {fast, slow})
        rate = disks[slow]["bytes"] / window["window_s"]
        self.assertAlmostEqual(rate / BYTES_PER_SECOND, 1, delta=0.15, msg=disks)


class FullDisk(StorageCase):
    """A disk without room ends a run with what was written where; nothing half-written stays."""

    def setUp(self):
        super().setUp()
        self.full = self.folder / "full"
        self.mount_on_loop(self.full, "ext4", 8 << 20)

    def test_pack_says_so_and_leaves_whole_shards_alone(self):
        write_tree(self.folder / "tree", 100, width=800, height=600)
        self.expect(3, "pack", "tree", "full/out", "--shard-size", "4M", "--quiet",
                    says=["cannot write full/out/", "No space left on device", "hint: free space"])
        self.assert_nothing_half_written(self.full)

    def test_a_benchmark_s_scratch_file_is_gone_again(self):
        free = shutil.disk_usage(self.full).free
        self.expect(3, "bench", "io", "full", "--op", "write", "--size", "64M",
                    says=["full", "No space left on device"])
        self.assertEqual(shutil.disk_usage(self.full).free, free)


class Refusals(StorageCase):
    """What the kernel refuses costs speed, never correctness: the same batches, and the reason."""

    def setUp(self):
        super().setUp()
        (self.folder / "data").mkdir()
        write_samples(self.folder / "data", 1, 40, 50_000)
        self.expect(0, "inspect", "data")
        self.reference = self.batches("reference")

    def batches(self, name, *options, preexec=None):
        ended, record = self.feed("--dump", self.folder / name, *options, preexec=preexec)
        self.check(ended, 0)
        dumped = {path.name: path.read_bytes() for path in (self.folder / name).iterdir()}
        self.assertTrue(dumped)
        return dumped, record["window"]["reads"], ended

    def check_fallback(self, call, error_number, *says):
        refuse = filter_of(call, error_number)
        self.require(refuse)
        dumped, reads, _ = self.batches(f"filtered-{call}-{error_number}", preexec=refuse)
        self.assertEqual(dumped, self.reference[0])
        self.assertEqual(reads["engine"], "threads")
        for part in says:
            self.assertIn(part, reads["note"])
        ended, _ = self.feed("--engine", "uring", preexec=refuse)
        self.check(ended, 3, ["cannot make an I/O ring", *says, "threads instead"])

    def test_a_filter_that_refuses_the_setup(self):
        self.check_fallback(SETUP, 1, "io_uring_setup", "Operation not permitted", "seccomp")

    def test_a_filter_that_allows_the_setup_and_refuses_the_use(self):
        self.check_fallback(ENTER, 1, "io_uring_enter", "Operation not permitted", "seccomp")

    def test_a_kernel_without_io_uring(self):
        self.check_fallback(SETUP, 38, "io_uring_setup", "Function not implemented")

    def test_the_reason_is_printed_once(self):
        refuse = filter_of(SETUP, 1)
        self.require(refuse)
        process = subprocess.Popen([HEADRACE, "feed", "data", "--preset", "raw"], text=True,
                                   cwd=self.folder, env=self.environment, preexec_fn=refuse,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ended = self.end(process)
        self.check(ended, 0)
        said = " ".join(f"{ended.out}{ended.err}".split())
        self.assertEqual(said.count("io_uring_setup: Operation not permitted"), 1, ended)

    def test_64_kib_of_lockable_memory(self):
        for path in (self.folder, self.folder / "data"):
            path.chmod(0o777)
        self.require(confine)
        dumped, reads, _ = self.batches("confined", preexec=confine)
        self.assertEqual(dumped, self.reference[0])
        self.assertIn("ulimit -l", reads["note"])


if __name__ == "__main__":
    main()
