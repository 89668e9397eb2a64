#!/usr/bin/env python3
"""Tries the installed wheel: pictures are loaded, the command runs, and no library that is in use
comes with it from anywhere but the wheel or the list that every Linux of this glibc has."""
import io
import pathlib
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib

import numpy  # noqa: F401 - so that its libraries are there before

# What manylinux lets a wheel expect of a system (PEP 600), of what this one uses.
SYSTEM = re.compile(r"(ld-linux.*|libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|libz)"
                    r"[.-].*so.*")


def main():
    before = mapped()  # Python's own
    import headrace as hr
    with tempfile.TemporaryDirectory() as folder:
        pack(folder, 40)
        loader = hr.Loader(folder, batch=8, tensors="numpy",
                           fields={"image": hr.image("png").resize(4).to("uint8"),
                                   "label": hr.integer("cls")})
        labels = sorted(int(label) for batch in loader for label in batch["label"])
        assert labels == list(range(40)), labels
        for batch in loader:
            for image, label in zip(batch["image"], batch["label"]):
                assert (image == label).all(), (image, label)
    foreign = sorted(path for path in mapped() - before if not expected(path))
    assert not foreign, f"libraries from outside the wheel: {foreign}"
    said = subprocess.run(["headrace", "--version"], capture_output=True, text=True, check=True)
    first, *parts = said.stdout.splitlines()
    assert first == f"headrace {hr.__version__}", said
    simd = [part.split()[2] for part in parts if part.startswith("  + simd ")]
    assert simd and simd[0] not in ("EMU128", "SCALAR"), said
    print(f"wheel: {len(labels)} pictures loaded from {pathlib.Path(hr.__file__).parent}; "
          f"{sum('headrace' in path for path in mapped())} libraries, all its own; "
          f"this processor's instructions: {simd[0]}")


def pack(folder, count):
    with tarfile.open(pathlib.Path(folder) / "shard.tar", "w") as tar:
        for number in range(count):
            for name, data in ((f"{number}.png", png(number)), (f"{number}.cls", b"%d" % number)):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def png(shade, side=4):
    """One shade of gray, as RGB."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = (b"\0" + bytes([shade]) * 3 * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def mapped():
    lines = pathlib.Path("/proc/self/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[5] for line in lines if re.search(r"\.so(\.|$)", line)}


def expected(path):
    inside = path.startswith((sys.prefix, sys.base_prefix + "/lib/python"))
    return inside or SYSTEM.fullmatch(pathlib.Path(path).name) is not None


if __name__ == "__main__":
    main()
