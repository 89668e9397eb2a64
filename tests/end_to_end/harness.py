"""What the end-to-end tests share: the command run as a user runs it, a small tree of real
pictures, shards made or spoiled byte by byte, and file systems of their own.

Usage of each test: NAME_test.py HEADRACE [unittest's options]. Exits 77 (skip) without Pillow.
"""
import contextlib
import ctypes
import fcntl
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

try:
    import numpy
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}; ./run test installs it")
    sys.exit(77)

HEADRACE = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "headrace"
LIMIT_S = 120  # of any single run of the command; sanitizers are slow
EXT4_SHUTDOWN = 0x8004587D  # _IOR('X', 125, u32): the file system answers EIO from then on


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)


class Case(unittest.TestCase):
    """A folder of its own for each test, with nothing of the user's cache in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headrace-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {**os.environ, "HEADRACE_CACHE": str(self.folder / "cache")}

    def start(self, *arguments):
        return subprocess.Popen([HEADRACE, *map(str, arguments)], cwd=self.folder, text=True,
                                env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def end(self, process):
        out, err = process.communicate(timeout=LIMIT_S)
        return Ended(process.returncode, out, err)

    def run_command(self, *arguments):
        return self.end(self.start(*arguments))

    def expect(self, exit_code, *arguments, says=()):
        """Runs, and holds exit status and message to what is expected."""
        ended = self.run_command(*arguments)
        self.check(ended, exit_code, says)
        return ended

    def check(self, ended, exit_code, says=()):
        told = f"{ended.out}\n{ended.err}"
        self.assertEqual(ended.exit_code, exit_code, told)
        for part in says:
            self.assertIn(part, told)

    def await_file(self, process, path):
        """Returns once the running command has made the file; fails if it ends before."""
        deadline_s = time.monotonic() + LIMIT_S
        while not path.exists():
            if process.poll() is not None:
                self.fail(f"ended before {path} was there: {self.end(process)}")
            self.assertLess(time.monotonic(), deadline_s, f"{path} never came")
            time.sleep(0.001)

    def assert_nothing_half_written(self, folder):
        partial = [path for path in folder.rglob("*") if path.name.endswith(".partial")]
        self.assertEqual(partial, [])

    def mount(self, folder, *arguments):
        """Mounts until the test's end, or skips the test where that takes more than we may."""
        folder.mkdir(exist_ok=True)
        mounted = subprocess.run(["mount", *arguments, folder], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"no mount here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)

    def mount_ext4(self, folder, size_bytes):
        """A file system on a device of its own, whose faults are the kernel's, not ours."""
        image = self.folder / f"{folder.name}.img"
        with open(image, "wb") as file:
            file.truncate(size_bytes)
        try:
            subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"no ext4 here: {error}")
        self.mount(folder, "-o", "loop", image)


class Ended:
    def __init__(self, exit_code, out, err):
        self.exit_code, self.out, self.err = exit_code, out, err

    def __repr__(self):
        return f"exit {self.exit_code}\n{self.out}\n{self.err}"


def picture_bytes(seed, width=120, height=90, **options):
    """A JPEG of some 10 KB; noise over a gradient, so that its size is that of a photograph."""
    noise = numpy.random.default_rng(seed).integers(0, 60, (height, width, 3))
    ramp = numpy.linspace(0, 190, width)[None, :, None]
    target = io.BytesIO()
    pixels = (noise + ramp).astype(numpy.uint8)
    Image.fromarray(pixels).save(target, options.pop("format", "JPEG"), quality=90, **options)
    return target.getvalue()


def write_tree(folder, count, classes=4, **options):
    for number in range(count):
        target = folder / f"class-{number % classes}" / f"{number:04}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture_bytes(number, **options))


def write_tar(path, members):
    """members: (name, bytes), as they are: no name is made safe, no duplicate refused."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, body in members:
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))


def write_shard(path, count):
    members = []
    for number in range(count):
        members += [(f"{number:04}.cls", b"1"), (f"{number:04}.jpg", picture_bytes(number))]
    write_tar(path, members)


def set_header_size(path, header_offset, size_field):
    """Rewrites a tar header's size and its checksum, so that only the size is a lie."""
    raw = bytearray(path.read_bytes())
    header = raw[header_offset:header_offset + 512]
    header[124:136] = size_field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    raw[header_offset:header_offset + 512] = header
    path.write_bytes(raw)


def shut_down(folder):
    """Takes the file system away, as a dying device would."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, EXT4_SHUTDOWN, ctypes.c_uint32(1))
    finally:
        os.close(descriptor)


def facts_of(folder):
    """What a run that redoes nothing leaves alone: bytes, inode and time of each file."""
    return {path.name: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
            for path in sorted(folder.iterdir())}


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def interrupt(process, number=signal.SIGINT):
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
