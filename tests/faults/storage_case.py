"""What the tests of failing storage share: file systems on loop devices, devices slowed by a
control group, system calls refused by a filter.

What takes root (mount, control groups, a filter before exec) is skipped elsewhere, with the reason.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import resource
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end_to_end"))
from harness import HEADRACE, Case, write_tar  # noqa: E402

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

    def require(self, preexec):
        try:
            subprocess.run(["true"], preexec_fn=preexec, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            self.skipTest(f"this cannot be arranged here: {error}")

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


def join(group):
    (group / "cgroup.procs").write_text(str(os.getpid()))


def device_of(folder):
    """The device below a mounted folder: /dev/loop3."""
    number = os.stat(folder).st_dev
    link = os.readlink(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    return f"/dev/{pathlib.Path(link).name}"


def confine():
    """64 KiB of lockable memory, for the child; root may lock what it likes."""
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
    os.setuid(NOBODY)


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
