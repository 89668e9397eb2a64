"""For tests: a small data set of real pictures in tar shards, each sample with its number."""
from __future__ import annotations

import io
import pathlib
import tarfile
import tempfile
import unittest

import numpy
from PIL import Image

import headrace as hr

SIDE = 24
PIXELS = {"image": hr.image("png").resize(SIDE).to("uint8").layout("hwc"),
          "label": hr.integer("cls")}
CROPS = {"image": hr.image("png").random_resized_crop(8).flip().normalize(),
         "label": hr.integer("cls")}


def picture(number):
    """Noise that only this sample has."""
    return numpy.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), dtype=numpy.uint8)


def write(folder, count, shards=3, picture_of=picture, kind="png", label_of=int):
    folder = pathlib.Path(folder)
    for shard in range(shards):
        with tarfile.open(folder / f"shard-{shard:04d}.tar", "w",
                          format=tarfile.USTAR_FORMAT) as tar:
            for number in range(shard * count // shards, (shard + 1) * count // shards):
                buffer = io.BytesIO()
                Image.fromarray(picture_of(number)).save(buffer, kind)
                label = b"%d" % label_of(number)
                for extension, data in ((kind, buffer.getvalue()), ("cls", label)):
                    member = tarfile.TarInfo(f"{number:06d}.{extension}")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
    return str(folder)


class WithShards(unittest.TestCase):
    """`self.path` has 50 samples, whose label is their number."""

    COUNT = 50

    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.path = write(cls._folder.name, cls.COUNT)

    def loader(self, **options):
        options = {"batch": 8, "seed": 7, "fields": PIXELS, "tensors": "numpy",
                   "read_ahead": "1M", **options}
        return hr.Loader(self.path, **options)


def labels(batches):
    return [int(label) for batch in batches for label in batch["label"]]
