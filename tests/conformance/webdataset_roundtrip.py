"""What the webdataset package reads and writes, to compare with Headrace's own reading.

dump FOLDER OUT: every sample of FOLDER's *.tar as webdataset sees it: key, field and byte count
on a line each, then the bytes. write FOLDER: shards as webdataset writes them.
"""

import glob
import io
import sys
import tarfile

import numpy
import webdataset
from PIL import Image


def dump(folder: str, out: str) -> None:
    shards = sorted(glob.glob(f"{folder}/*.tar"))
    with open(out, "wb") as target:
        for sample in webdataset.WebDataset(shards, shardshuffle=False, empty_check=False):
            for field in sorted(name for name in sample if not name.startswith("__")):
                body = sample[field]
                target.write(f"{sample['__key__']}\n{field}\n{len(body)}\n".encode() + body)


def jpeg_bytes(seed: int) -> bytes:
    pixels = numpy.random.default_rng(seed).integers(0, 255, (40, 30, 3), dtype=numpy.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG")
    return target.getvalue()


def write(folder: str) -> None:
    with webdataset.ShardWriter(f"{folder}/made-%03d.tar", maxcount=7, verbose=0) as sink:
        for i in range(20):
            key = ["plain", "folder.with.dots/k", "n" * 150 + "/long", "\u00e9t\u00e9/k"][i % 4]
            sample = {"__key__": f"{key}{i:04}", "jpg": jpeg_bytes(i), "cls": str(i).encode()}
            if i % 3 == 0:
                sample["seg.PNG"] = b"not really a png"
            if i % 5 == 0:
                sample["json"] = b"{}"
            sink.write(sample)
    for name, kind in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT)):
        write_odd_members(f"{folder}/odd-{name}.tar", kind)


def write_odd_members(path: str, kind: int) -> None:
    """Members that WebDataset drops, keeps or groups in ways that are easily got wrong."""
    names = ["./0.jpg", "./0.cls", "README", "__meta__", "__meta__/x.json", "a/.jpg", ".hidden",
             "b.jpg", "B.CLS", "b.cls", "b.jpg", "x.", "../up.txt", "bad.jpg", "bad.__bad__",
             "good.jpg", "p" * 120 + "/q.r.s.txt"]
    with tarfile.open(path, "w", format=kind) as tar:
        for number, name in enumerate(names):
            member = tarfile.TarInfo(name)
            body = f"body {number}".encode()
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        folder = tarfile.TarInfo("c.d")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        link = tarfile.TarInfo("c.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "b.jpg"
        tar.addfile(link)


if __name__ == "__main__":
    if sys.argv[1] == "dump":
        dump(sys.argv[2], sys.argv[3])
    else:
        write(sys.argv[2])
