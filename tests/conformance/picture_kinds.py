"""A tree of every kind of picture that the feed reads, a folder a kind, drawn from formulas."""
import ctypes
import ctypes.util

import numpy
from PIL import Image

SIZES = [(500, 375), (375, 500), (333, 251), (641, 480), (260, 301), (900, 64), (63, 410)]
KINDS = {
    "baseline-444": (".jpg", {"quality": 92, "subsampling": 0}),
    "baseline-422": (".jpg", {"quality": 92, "subsampling": 1}),
    "baseline-420": (".jpg", {"quality": 92, "subsampling": 2}),
    "restarts": (".jpg", {"quality": 90, "restart_marker_blocks": 4}),
    "restarts-422": (".jpg", {"quality": 90, "restart_marker_rows": 1, "subsampling": 1}),
    "progressive": (".jpg", {"quality": 90, "progressive": True}),
    "progressive-444": (".jpg", {"quality": 85, "progressive": True, "subsampling": 0}),
    "grey": (".jpg", {"quality": 90}),
    "cmyk": (".jpg", {"quality": 90}),
    "png": (".png", {}),
    "png-palette": (".png", {}),
    "png-alpha": (".png", {}),
    "png-grey": (".png", {}),
    "webp": (".webp", {"quality": 85}),
    "webp-lossless": (".webp", {"lossless": True}),
}
MODES = {"grey": "L", "cmyk": "CMYK", "png-palette": "P", "png-alpha": "RGBA", "png-grey": "L"}
# What Pillow does not write: libjpeg-turbo's numbers for the sampling.
TURBO_KINDS = {"baseline-440": 4, "baseline-411": 5}


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
    library = ctypes.util.find_library("turbojpeg")
    if library is None:
        print(f"without {', '.join(TURBO_KINDS)}: there is no libturbojpeg here")
        return
    for kind, sampling in TURBO_KINDS.items():
        (folder / kind).mkdir()
        for index, (width, height) in enumerate(SIZES):
            body = turbo_jpeg(ctypes.CDLL(library), picture(width, height), sampling)
            (folder / kind / f"{index}.jpg").write_bytes(body)


def turbo_jpeg(turbo, image, sampling):
    turbo.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(turbo.tjInitCompress())
    body, size_bytes = ctypes.c_void_p(), ctypes.c_ulong()
    status = turbo.tjCompress2(handle, image.tobytes(), image.width, 0, image.height, 0,
                               ctypes.byref(body), ctypes.byref(size_bytes), sampling, 92, 0)
    assert status == 0, "libturbojpeg refuses to compress"
    written = ctypes.string_at(body, size_bytes.value)
    turbo.tjFree(body)
    turbo.tjDestroy(handle)
    return written
