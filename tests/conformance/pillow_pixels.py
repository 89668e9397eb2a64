"""What `headrace feed` delivers equals Pillow's crop and antialiased resize within 1, for every
kind of picture: whole, center-cropped, and by RandomResizedCrop with a flip, whose draws are made
again in Python. Usage: pillow_pixels.py HEADRACE. Exits 77 (skip) when Pillow or NumPy are
missing, 1 on a difference."""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    from PIL import Image, ImageOps

    from draws import Draws, random_resized_crop
    from picture_kinds import write_tree
except ImportError as missing:
    print(f"skipped: {missing}; ./run test installs it")
    sys.exit(77)

SEED, EPOCHS = 5, 3
JOB = """
[batch]
size = 8
[loader]
workers = 2
[order]
shuffle = "none"
seed = {seed}
epochs = {epochs}
[[field]]
name = "image"
from = "jpg|png|webp"
kind = "image"
type = "uint8"
layout = "hwc"
dct_scaling = false
{crop}
"""
CROPS = {"none": 'crop = "none"', "center": 'crop = "center"\nresize = 256',
         "random": 'crop = "random_resized"\nflip = 0.5'}


def expected(path, crop, epoch, sample_id):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    width, height = image.size
    if crop == "none":
        return image.resize((224, 224), Image.BILINEAR)
    if crop == "random":
        draws = Draws(SEED, epoch, sample_id, operator_index=0)
        cut = image.crop(random_resized_crop(width, height, draws))
        made = cut.resize((224, 224), Image.BILINEAR)
        return ImageOps.mirror(made) if draws.uniform() < 0.5 else made
    if width <= height:
        resized = (256, int(256 * height / width))
    else:
        resized = (int(256 * width / height), 256)
    left = int(round((resized[0] - 224) / 2.0))
    top = int(round((resized[1] - 224) / 2.0))
    return image.resize(resized, Image.BILINEAR).crop((left, top, left + 224, top + 224))


def feed(headrace, data, crop, epochs, folder):
    job = folder / "job.toml"
    dump = folder / "dump"
    job.write_text(f'[dataset]\npath = "{data}"\n' +
                   JOB.format(crop=CROPS[crop], seed=SEED, epochs=epochs))
    command = [headrace, "feed", str(job), "--quiet", "--dump", str(dump), "--dump-batches", "999"]
    subprocess.run(command, check=True)
    batches = sorted(dump.glob("*.image.npy"))
    return numpy.concatenate([numpy.load(batch) for batch in batches]).astype(int)


def compare(headrace, paths, data, crop):
    """Rows come in the order of `paths`, an epoch after the other; returns the kinds that differ
    by more than 1."""
    epochs = EPOCHS if crop == "random" else 1
    with tempfile.TemporaryDirectory() as scratch:
        rows = feed(headrace, data, crop, epochs, pathlib.Path(scratch))
    assert len(rows) == epochs * len(paths), f"{len(rows)} rows for {len(paths)} pictures"
    worst = {}
    for number, row in enumerate(rows):
        epoch, sample_id = divmod(number, len(paths))
        path = paths[sample_id]
        wanted = numpy.asarray(expected(path, crop, epoch, sample_id))
        kind = path.parent.name
        worst[kind] = max(worst.get(kind, 0), int(numpy.abs(row - wanted).max()))
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
