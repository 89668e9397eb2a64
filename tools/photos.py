#!/usr/bin/env python3
"""Makes the real photo set: about 5,000 ImageNet-like JPEG files cut from Debian's own wallpapers.

1. Same packages and Pillow in, same names and bytes out: draws are seeded by the source's name.
2. The folder appears under its final name only when it is whole; its figures lie beside it (.json).
3. Nothing is installed: packages are fetched by `apt-get download` and unpacked by `dpkg -x`.
"""
import argparse
import hashlib
import io
import json
import multiprocessing
import multiprocessing.pool
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

from PIL import Image

from progress import Progress

VERSION = "photos-v1"
PACKAGES = (
    "plasma-workspace-wallpapers", "mate-backgrounds", "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04", "ukui-wallpapers", "kphotoalbum", "opencv-doc",
    "gnome-backgrounds", "openarena-081-textures",
)
SHAPES = ((500, 375), (500, 333), (375, 500), (500, 500), (333, 500), (500, 400), (400, 300))
SHAPE_WEIGHTS = (46, 22, 12, 5, 5, 5, 5)
LEAST_SIDE = 512  # below this no crop could be shrunk, and so would not be sharp
LEAST_SHRINK, MOST_SHRINK = 1.25, 2.6
SMALL_PIXELS, SMALL_CROPS = 1_000_000, 7  # most of these are a game's textures: take few
PIXELS_PER_CROP, MOST_CROPS = 20_000, 210
FLAT_BYTES_PER_PIXEL = 0.27  # a sky or a gradient: no photograph would be so easy to decode
FLAT_TRIES = 5  # so many flat crops and no other: the picture is given up
PROBE_QUALITY = 92
# Bytes at a quality over bytes at PROBE_QUALITY: median of 491 crops from 60 of the pictures.
GROWTH = ((91, 0.95), (92, 1.0), (93, 1.08), (94, 1.18), (95, 1.30), (96, 1.44), (97, 1.60),
          (98, 1.80))
LEAST_FREE_BYTES = 3 << 30


def cache_folder():
    return pathlib.Path(os.environ.get("HEADRACE_CACHE") or pathlib.Path.home() / ".cache/headrace")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, metavar="N",
                        help="make a folder of N of them, spread over all classes")
    parser.add_argument("--cache", type=pathlib.Path, default=cache_folder(),
                        help="where the set lies (default %(default)s)")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    photos = options.cache / VERSION
    if not photos.is_dir():
        make(photos)
    figures = json.loads(photos.with_suffix(".json").read_text())
    if options.small:
        print(make_small(photos, options.small))
        return
    print("photos: {count:,} files, {classes} classes, {bytes:,} bytes, mean {mean_bytes:,},"
          " sha256 {sha256:.16}".format(**figures))
    print(photos)


def say(line):
    print(f"photos: {line}", file=sys.stderr, flush=True)


def make(photos):
    if shutil.disk_usage(photos.parent).free < LEAST_FREE_BYTES:
        sys.exit(f"photos: {photos.parent} has less than {LEAST_FREE_BYTES >> 30} GB free;"
                 " name a roomier folder in HEADRACE_CACHE")
    with tempfile.TemporaryDirectory(prefix=f".{VERSION}.", dir=photos.parent) as temporary:
        unpacked = fetch(pathlib.Path(temporary) / "packages")
        whole = pathlib.Path(temporary) / "photos"
        whole.mkdir()
        sources = find_sources(unpacked)
        cut_all(sources, whole)
        figures = measure(whole)
        photos.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
        try:
            os.rename(whole, photos)
        except OSError:  # another run was quicker: its set is the same, byte for byte
            if not photos.is_dir():
                raise


def fetch(folder):
    folder.mkdir(parents=True)
    say(f"fetching {len(PACKAGES)} packages (420 MB) and unpacking them")
    download(folder)
    with multiprocessing.pool.ThreadPool(len(os.sched_getaffinity(0))) as pool:
        pool.map(unpack, sorted(folder.glob("*.deb")))
    return folder


def unpack(archive):
    package = archive.name.split("_")[0]
    subprocess.run(["dpkg", "-x", archive, archive.parent / package], check=True)
    archive.unlink()


def download(folder):
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *PACKAGES]
    first = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if first.returncode == 0:
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not root or shutil.which("sudo"):  # the lists may be old, or not there at all
        subprocess.run([*root, "apt-get", "-qq", "update"], check=False)
    again = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if again.returncode != 0:
        sys.exit(f"photos: cannot fetch the packages: {again.stderr.strip()}\n"
                 "  they are those of Debian 12; as root type: apt-get update")


def find_sources(unpacked):
    """(class name, path, pixels) of each picture that is large enough, largest first."""
    for archive in sorted(unpacked.glob("openarena*/**/*.pk3")):
        unzip_textures(archive, archive.parent / "textures")
    sources = {}
    for path in sorted(unpacked.glob("**/*")):
        if path.is_symlink() or not wanted(path.relative_to(unpacked)):
            continue
        with Image.open(path) as picture:
            if min(picture.size) < LEAST_SIDE:
                continue
            pixels = picture.width * picture.height
        sources.setdefault(class_name(path.relative_to(unpacked)), (path, pixels))
    return sorted(((name, *rest) for name, rest in sources.items()),
                  key=lambda source: (-source[2], source[0]))


def unzip_textures(archive, folder):
    with zipfile.ZipFile(archive) as packed:
        for number, name in enumerate(sorted(packed.namelist())):
            if name.lower().endswith((".jpg", ".jpeg")):
                folder.mkdir(exist_ok=True)
                stem = pathlib.PurePosixPath(name).stem
                (folder / f"{stem}-{number}.jpg").write_bytes(packed.read(name))


def wanted(path):
    """Photographs and paintings, not the screenshots and diagrams of a manual."""
    manual = path.parts[0] in ("kphotoalbum", "opencv-doc")
    endings = (".jpg", ".jpeg") if manual else (".jpg", ".jpeg", ".png", ".webp")
    return path.suffix.lower() in endings and "HTML" not in path.parts


def class_name(path):
    stem = "-".join(part for part in (*path.parts[-4:-1], path.stem)
                    if part not in ("share", "usr", "contents", "images", "backgrounds"))
    words = re.sub(r"[^a-z0-9]+", "-", f"{path.parts[0].split('-')[0]}-{stem}".lower())
    return words.strip("-")


def cut_all(sources, folder):
    progress = Progress("photos: cutting", sum(pixels for _, _, pixels in sources))
    jobs = [(name, path, folder, pixels) for name, path, pixels in sources]
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        for pixels in pool.imap_unordered(cut_source, jobs):
            progress.step(pixels)
    progress.end()


def cut_source(job):
    name, path, folder, pixels = job
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    draws = random.Random(f"{VERSION} {name}")
    small = pixels < SMALL_PIXELS
    count = SMALL_CROPS if small else min(pixels // PIXELS_PER_CROP, MOST_CROPS)
    kept = 0
    for number in range(count):
        if number == FLAT_TRIES and not kept:
            break
        data = cut(picture, draws)
        if data:
            (folder / name).mkdir(exist_ok=True)
            (folder / name / f"{name}_{kept:04}.jpg").write_bytes(data)
            kept += 1
    return pixels


def cut(picture, draws):
    """One crop as JPEG bytes, or None for a flat one. Always takes the same number of draws."""
    rooms = [min(picture.width / width, picture.height / height) for width, height in SHAPES]
    weights = [weight * (room >= LEAST_SHRINK) for weight, room in zip(SHAPE_WEIGHTS, rooms)]
    index = draws.choices(range(len(SHAPES)), weights)[0]
    shape, most = SHAPES[index], min(rooms[index], MOST_SHRINK)
    shrink = LEAST_SHRINK + draws.random() * (most - LEAST_SHRINK)
    across, down, wish = draws.random(), draws.random(), draws.gauss(0.57, 0.13)
    width, height = shape[0] * shrink, shape[1] * shrink
    left, top = across * (picture.width - width), down * (picture.height - height)
    box = (left, top, left + width, top + height)
    crop = picture.resize(shape, Image.Resampling.HAMMING, box=box)
    probe = encode(crop, PROBE_QUALITY)
    pixels = shape[0] * shape[1]
    if len(probe) < FLAT_BYTES_PER_PIXEL * pixels:
        return None
    growth = wish * pixels / len(probe)
    quality = min(GROWTH, key=lambda row: abs(row[1] - growth))[0]
    return probe if quality == PROBE_QUALITY else encode(crop, quality)


def encode(picture, quality):
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality, subsampling="4:2:0")
    return data.getvalue()


def measure(folder):
    digest, sizes, classes = hashlib.sha256(), [], set()
    for path in sorted(folder.glob("*/*.jpg")):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
        sizes.append(len(data))
        classes.add(path.parent.name)
    deciles = statistics.quantiles(sizes, n=10)
    return {"count": len(sizes), "classes": len(classes), "bytes": sum(sizes),
            "mean_bytes": round(statistics.mean(sizes)), "p10_bytes": round(deciles[0]),
            "p50_bytes": round(deciles[4]), "p90_bytes": round(deciles[8]),
            "sha256": digest.hexdigest()}


def make_small(photos, count):
    small = photos.parent / f"{VERSION}-small-{count}"
    if small.is_dir():
        return small
    files = sorted(photos.glob("*/*.jpg"))
    if not 0 < count <= len(files):
        sys.exit(f"photos: --small takes 1 to {len(files)}")
    with tempfile.TemporaryDirectory(prefix=f".{small.name}.", dir=photos.parent) as temporary:
        whole = pathlib.Path(temporary) / "photos"
        for number in range(count):
            file = files[number * len(files) // count]
            (whole / file.parent.name).mkdir(parents=True, exist_ok=True)
            os.link(file, whole / file.parent.name / file.name)
        os.rename(whole, small)
    return small


if __name__ == "__main__":
    started = time.monotonic()
    main()
    say(f"{time.monotonic() - started:.1f} s")
