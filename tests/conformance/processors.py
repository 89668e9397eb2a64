#!/usr/bin/env python3
"""One binary on other processors, emulated by qemu: it takes the instructions that are there, and
every float of a batch of photographs, exact and fast, is the same: processors.py HEADRACE."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

QEMU = shutil.which("qemu-x86_64")
EMULATED = {"Haswell": "AVX2", "Westmere": "SSE4", "Nehalem": "SSSE3"}
JOB = """
[dataset]
path = "{path}"
[order]
seed = 3
[batch]
size = {count}
[loader]
engine = "psync"
[[field]]
name = "exact"
from = "jpg"
kind = "image"
size = [64, 64]
flip = 0.5
normalize = "imagenet"
[[field]]
name = "fast"
from = "jpg"
kind = "image"
decode = "fast"
size = [96, 80]
normalize = "imagenet"
"""
COUNT = 12


def main():
    photos = os.environ.get("HEADRACE_PHOTOS")
    if not photos or QEMU is None or os.uname().machine != "x86_64":
        print("skipped: this takes an x86-64 processor, qemu-user and a photo set (./run test)")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pictures = sorted(pathlib.Path(photos).glob("*/*.jpg"))
        listed = folder / "photos.tsv"
        listed.write_text("".join(f"{path}\t0\n" for path in pictures[::len(pictures) // COUNT]))
        say([], "pack", listed, folder / "packed", "--quiet")
        job = folder / "headrace.toml"
        job.write_text(JOB.format(path=folder / "packed", count=COUNT))
        here, expected = instructions([]), batch(job, [])
        for model, simd in EMULATED.items():
            emulated = [QEMU, "-cpu", model]
            assert instructions(emulated) == simd, (model, instructions(emulated))
            assert batch(job, emulated) == expected, f"{simd} differs from {here}"
    print(f"processors: {COUNT} photographs are the same by {here} here and by "
          f"{', '.join(EMULATED.values())} under qemu")


def instructions(emulated):
    lines = say(emulated, "--version").splitlines()
    return next(line.split()[2] for line in lines if line.startswith("  + simd "))


def batch(job, emulated):
    dump = job.with_name("dump")
    say(emulated, "feed", job, "--steps", "1", "--quiet", "--dump", dump)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in dump.iterdir()}
    shutil.rmtree(dump)
    assert {"batch-000000.exact.npy", "batch-000000.fast.npy"} <= set(files), files
    return files


def say(emulated, *words):
    done = subprocess.run([*emulated, sys.argv[1], *map(str, words)], capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
