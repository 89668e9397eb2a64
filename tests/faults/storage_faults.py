"""Storage that fails or is refused, by the kernel itself: a lost XFS, a throttled device, a file
that shrinks, little lockable memory, io_uring behind a seccomp filter. Each run of the command ends
in the stated error or the stated fallback, within its time limit.

What takes root (mount, control groups, a filter before exec) is skipped elsewhere, with the reason.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end_to_end"))
from harness import HEADRACE, Case, main, shut_down, write_tar  # noqa: E402

ENGINES = ("uring", "threads", "psync")
BYTES_PER_SECOND = 20_000_000
ENTER, SETUP = 426, 425  # io_uring_enter, io_uring_setup: the same numbers on each machine
NOBODY = 65534


def write_samples(folder, shards, samples, size_bytes):
    """Shards of samples that no file system or host can compress."""
    for shard in range(shards):
        members = []
        for number in range(samples):
            members += [(f"{number:04}.cls", b"1"), (f"{number:04}.jpg", os.urandom(size_bytes))]
        write_tar(folder / f"{shard}.tar", members)


class StorageCase(Case):
    def mount_on_loop(self, folder, kind, size_bytes):
        image = self.folder / f"{folder.name}.img"
        with open(image, "wb") as file:
            file.truncate(size_bytes)
        try:
            subprocess.run([f"mkfs.{kind}", "-q", image], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"no mkfs.{kind} here: {error}")
        self.mount(folder, "-o", "loop", image)

    def feed(self, *options, data=("data",), preexec=None):
        """The command on data sets past the page cache; exit status, output and its record."""
        record = self.folder / "run.json"
        process = subprocess.Popen(
            [HEADRACE, "feed", *data, "--preset", "raw", "--batch", "8", "--cache", "direct",
             "--quiet", "--json", str(record), *map(str, options)],
            cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=preexec)
        ended = self.end(process)
        return ended, json.loads(record.read_text()) if record.exists() else None


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


class Throttled(StorageCase):
    """Rates by the block controller, version 1 or 2, whichever this machine has."""

    def throttled_group(self, rates):
        """A control group where the device of each folder gives so many bytes a second."""
        for root, file, form in (
                ("/sys/fs/cgroup/blkio", "blkio.throttle.read_bps_device", "{} {}"),
                ("/sys/fs/cgroup", "io.max", "{} rbps={}")):
            group = pathlib.Path(root) / f"headrace-test-{os.getpid()}"
            with contextlib.suppress(OSError):
                if file == "io.max":
                    (pathlib.Path(root) / "cgroup.subtree_control").write_text("+io")
                group.mkdir()
                self.addCleanup(group.rmdir)
                for folder, rate in rates.items():
                    device = os.stat(folder).st_dev
                    number = f"{os.major(device)}:{os.minor(device)}"
                    (group / file).write_text(form.format(number, rate))
                return group
        self.skipTest("no control group here limits a device's bandwidth")


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

    def rate_of(self, rates):
        folders = {}
        for name, rate in rates.items():
            folders[self.folder / name] = rate
            self.mount_on_loop(self.folder / name, "ext4", 160 << 20)
            write_samples(self.folder / name, 2, 250, 128 << 10)
        self.expect(0, "inspect", *folders)
        group = self.throttled_group(folders)
        # Enough ahead that chance rarely leaves one device without work.
        ended, record = self.feed("--step-ms", "1", "--prefetch", "16", data=rates,
                                  preexec=lambda: join(group))
        self.check(ended, 0)
        self.assertEqual(record["totals"]["samples"], 1000)
        totals = record["totals"]
        return totals["process_read_bytes"] / totals["wall_s"]

    @TIMED
    def test_two_alike_give_twice_what_one_gives(self):
        rate = self.rate_of({"a": BYTES_PER_SECOND, "b": BYTES_PER_SECOND})
        self.assertAlmostEqual(rate / (2 * BYTES_PER_SECOND), 1, delta=0.15)

    def test_a_slow_one_sets_the_pace_and_does_not_stop_the_other(self):
        rate = self.rate_of({"a": BYTES_PER_SECOND, "b": 3 * BYTES_PER_SECOND})
        self.assertAlmostEqual(rate / (2 * BYTES_PER_SECOND), 1, delta=0.2)


def join(group):
    (group / "cgroup.procs").write_text(str(os.getpid()))


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

    def require(self, preexec):
        try:
            subprocess.run(["true"], preexec_fn=preexec, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            self.skipTest(f"this cannot be arranged here: {error}")

    def test_a_filter_that_refuses_the_setup(self):
        self.check_fallback(SETUP, 1, "io_uring_setup", "Operation not permitted", "seccomp")

    def test_a_filter_that_allows_the_setup_and_refuses_the_use(self):
        self.check_fallback(ENTER, 1, "io_uring_enter", "Operation not permitted", "seccomp")

    def test_a_kernel_without_io_uring(self):
        self.check_fallback(SETUP, 38, "io_uring_setup", "Function not implemented")

    def test_the_reason_is_printed_once(self):
        refuse = filter_of(SETUP, 1)
        self.require(refuse)
        process = subprocess.Popen([HEADRACE, "feed", "data", "--preset", "raw",
                                    "--cache", "page"], text=True, cwd=self.folder,
                                   env=self.environment, preexec_fn=refuse,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ended = self.end(process)
        self.check(ended, 0)
        said = " ".join(f"{ended.out}{ended.err}".split())
        self.assertEqual(said.count("io_uring_setup: Operation not permitted"), 1, ended)

    def test_64_kib_of_lockable_memory(self):
        def confine():
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
            os.setuid(NOBODY)  # root may lock what it likes

        for path in (self.folder, self.folder / "data"):
            path.chmod(0o777)
        self.require(confine)
        dumped, reads, _ = self.batches("confined", preexec=confine)
        self.assertEqual(dumped, self.reference[0])
        self.assertIn("ulimit -l", reads["note"])


def filter_of(call, error_number):
    """A function for the child: from then on `call` returns the errno, as in many containers."""
    def statement(code, jump_true, jump_false, value):
        return struct.pack("HBBI", code, jump_true, jump_false, value)

    program = b"".join((statement(0x20, 0, 0, 0), statement(0x15, 0, 1, call),
                        statement(0x06, 0, 0, 0x00050000 | error_number),
                        statement(0x06, 0, 0, 0x7FFF0000)))

    def install():
        libc = ctypes.CDLL(None, use_errno=True)
        code = ctypes.create_string_buffer(program)
        header = struct.pack("HxxxxxxP", 4, ctypes.addressof(code))
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, header) != 0:
            raise OSError(ctypes.get_errno(), "no seccomp filter can be installed")

    return install


if __name__ == "__main__":
    main()
