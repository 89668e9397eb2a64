#!/usr/bin/env python3
"""The photo set's promises: the same bytes each time, real shapes, nothing flat."""
import io
import os
import pathlib
import random
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from PIL import Image  # noqa: E402

import photos  # noqa: E402
from progress import Progress  # noqa: E402


def noisy_picture(width=1600, height=1200):
    pixels = random.Random(7).randbytes(width // 4 * (height // 4) * 3)
    small = Image.frombytes("RGB", (width // 4, height // 4), pixels)
    return small.resize((width, height), Image.Resampling.BICUBIC)


class Photos(unittest.TestCase):
    def test_the_same_seed_cuts_the_same_bytes(self):
        picture = noisy_picture()
        first, second = (photos.cut(picture, random.Random("a")) for _ in range(2))
        self.assertEqual(first, second)
        self.assertNotEqual(first, photos.cut(picture, random.Random("b")))

    def test_a_crop_is_a_baseline_jpeg_of_a_listed_shape(self):
        data = photos.cut(noisy_picture(), random.Random("a"))
        with Image.open(io.BytesIO(data)) as crop:
            self.assertIn(crop.size, photos.SHAPES)
            self.assertNotIn("progressive", crop.info)
            self.assertEqual(crop.layer[0][1:3], (2, 2), "4:2:0")

    def test_a_flat_picture_gives_nothing(self):
        self.assertIsNone(photos.cut(Image.new("RGB", (1600, 1200), "navy"), random.Random("a")))

    def test_two_sources_never_share_a_class(self):
        names = {photos.class_name(pathlib.Path(path)) for path in (
            "mate-backgrounds/usr/share/backgrounds/mate/nature/Aqua.jpg",
            "plasma-x/usr/share/wallpapers/Flow/contents/images/720x1440.jpg",
            "plasma-x/usr/share/wallpapers/Flow/contents/images_dark/720x1440.jpg")}
        self.assertEqual(len(names), 3)

    def test_a_small_set_is_spread_over_the_whole_and_shares_its_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            whole = pathlib.Path(folder) / photos.VERSION
            for name in "abcdefgh":
                (whole / name).mkdir(parents=True)
                (whole / name / f"{name}_0000.jpg").write_bytes(name.encode())
            small = photos.make_small(whole, 4)
            self.assertEqual(sorted(os.listdir(small)), list("aceg"))
            self.assertEqual((small / "c/c_0000.jpg").read_bytes(), b"c")
            self.assertRaises(SystemExit, photos.make_small, whole, 9)

    def test_progress_elsewhere_than_on_a_terminal_is_a_line_now_and_then(self):
        out, seconds = io.StringIO(), iter((0, 1, 6, 10))
        progress = Progress("x", 4, clock=lambda: next(seconds), out=out)
        progress.step()
        progress.step(2)
        progress.end()
        self.assertEqual(out.getvalue(), "x 75 %, 2 s left\nx: 10.0 s\n")


if __name__ == "__main__":
    unittest.main()
