"""What `headrace feed` delivers equals Pillow's crop and antialiased resize within 1, for every
kind of picture. Usage: pillow_pixels.py HEADRACE. Exits 77 (skip) when Pillow or NumPy are
missing, 1 on a difference."""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    from PIL import Image, ImageOps
except ImportError as missing:
    print(f"skipped: {missing}; ./run test installs it")
    sys.exit(77)

SIZES = [(500, 375), (375, 500), (333, 251), (641, 480), (260, 301)]
KINDS = {
    "baseline-444": (".jpg", {"quality": 92, "subsampling": 0}),
    "baseline-422": (".jpg", {"quality": 92, "subsampling": 1}),
    "baseline-420": (".jpg", {"quality": 92, "subsampling": 2}),
    "restarts": (".jpg", {"quality": 90, "restart_marker_blocks": 4}),
    "progressive": (".jpg", {"quality": 90, "progressive": True}),
    "grey": (".jpg", {"quality": 90}),
    "cmyk": (".jpg", {"quality": 90}),
    "png": (".png", {}),
    "png-palette": (".png", {}),
    "png-alpha": (".png", {}),
    "webp": (".webp", {"quality": 85}),
    "webp-lossless": (".webp", {"lossless": True}),
}
MODES = {"grey": "L", "cmyk": "CMYK", "png-palette": "P", "png-alpha": "RGBA"}
JOB = """
[batch]
size = 8
[loader]
workers = 2
[order]
shuffle = "none"
[[field]]
name = "image"
from = "jpg|png|webp"
kind = "image"
type = "uint8"
layout = "hwc"
dct_scaling = false
{crop}
"""
CROPS = {"none": 'crop = "none"', "center": 'crop = "center"\nresize = 256'}


def picture(width, height):
    """Smooth gradients with sharp squares: both kinds of content that resizing gets wrong."""
    rows, columns = numpy.mgrid[0:height, 0:width]
    red = 127 + 120 * numpy.sin(columns / 17.0)
    green = 127 + 120 * numpy.cos(rows / 23.0)
    blue = ((columns // 12 + rows // 9) % 2) * 200 + 20
    return Image.fromarray(numpy.stack([red, green, blue], -1).astype(numpy.uint8), "RGB")


def write_tree(folder):
    for kind, (suffix, options) in KINDS.items():
        (folder / kind).mkdir(parents=True)
        for index, (width, height) in enumerate(SIZES):
            image = picture(width, height).convert(MODES.get(kind, "RGB"))
            image.save(folder / kind / f"{index}{suffix}", **options)
    (folder / "exif").mkdir()
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture(401, 300).save(folder / "exif" / f"{orientation}.jpg", quality=92, exif=exif)


def expected(path, crop):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    width, height = image.size
    if crop == "none":
        return numpy.asarray(image.resize((224, 224), Image.BILINEAR))
    if width <= height:
        resized = (256, int(256 * height / width))
    else:
        resized = (int(256 * width / height), 256)
    left = int(round((resized[0] - 224) / 2.0))
    top = int(round((resized[1] - 224) / 2.0))
    image = image.resize(resized, Image.BILINEAR)
    return numpy.asarray(image.crop((left, top, left + 224, top + 224)))


def feed(headrace, data, crop, folder):
    job = folder / "job.toml"
    dump = folder / "dump"
    job.write_text(f'[dataset]\npath = "{data}"\n' + JOB.format(crop=CROPS[crop]))
    command = [headrace, "feed", str(job), "--quiet", "--dump", str(dump), "--dump-batches", "99"]
    subprocess.run(command, check=True)
    batches = sorted(dump.glob("*.image.npy"))
    return numpy.concatenate([numpy.load(batch) for batch in batches]).astype(int)


def compare(headrace, paths, data, crop):
    """Rows come in the order of `paths`; returns the kinds that differ by more than 1."""
    with tempfile.TemporaryDirectory() as scratch:
        rows = feed(headrace, data, crop, pathlib.Path(scratch))
    assert len(rows) == len(paths), f"{len(rows)} rows for {len(paths)} pictures"
    worst = {}
    for row, path in zip(rows, paths):
        difference = int(numpy.abs(row - expected(path, crop)).max())
        worst[path.parent.name] = max(worst.get(path.parent.name, 0), difference)
    print(f"crop {crop}, {data.name}: worst difference by kind {worst}")
    return [kind for kind, difference in worst.items() if difference > 1]


def main(headrace):
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        tree = root / "tree"
        write_tree(tree)
        paths = sorted(tree.glob("*/*"))
        wrong = []
        for recode in ["lossless", "off"]:
            command = [headrace, "pack", str(tree), str(root / recode), "--quiet",
                       "--order", "as-is", "--recode", recode]
            subprocess.run(command, check=True)
        for crop in CROPS:
            for data in [tree, root / "lossless", root / "off"]:
                wrong += compare(headrace, paths, data, crop)
    if wrong:
        print(f"differ from Pillow by more than 1: {sorted(set(wrong))}")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
