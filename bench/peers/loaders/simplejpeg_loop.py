"""The loop that a careful engineer writes: threads, simplejpeg, OpenCV, NumPy, no framework.

Each thread fills whole pictures of a batch that was made before, so nothing is collated.
"""
import concurrent.futures
import math
import pathlib
import random

import cv2
import numpy
import simplejpeg

MEAN = numpy.array((0.485, 0.456, 0.406), numpy.float32) * 255
DEVIATION = numpy.array((0.229, 0.224, 0.225), numpy.float32) * 255
SIDE, AHEAD = 224, 3


def batches(options):
    cv2.setNumThreads(1)
    files = sorted(str(file) for file in pathlib.Path(options.data).glob("*/*"))
    shape = (options.batch, 3, SIDE, SIDE)
    slots = [numpy.empty(shape, numpy.float32) for _ in range(AHEAD + 1)]
    order = endless(files)
    with concurrent.futures.ThreadPoolExecutor(options.cores) as pool:
        def start(slot):
            return slot, [pool.submit(fill, next(order), slot[row]) for row in range(len(slot))]
        under_way = [start(slot) for slot in slots[:AHEAD]]
        free = slots[AHEAD]
        while True:
            under_way.append(start(free))
            free, pictures = under_way.pop(0)
            for picture in pictures:
                picture.result()
            yield free


def endless(files):
    while True:
        yield from random.sample(files, len(files))


def fill(path, target):
    with open(path, "rb") as file:
        picture = simplejpeg.decode_jpeg(file.read(), "RGB")
    top, left, height, width = crop_box(*picture.shape[:2])
    picture = cv2.resize(picture[top:top + height, left:left + width], (SIDE, SIDE),
                         interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    for color in range(3):
        numpy.subtract(picture[:, :, color], MEAN[color], out=target[color])
        target[color] *= 1 / DEVIATION[color]


def crop_box(height, width):
    """torchvision's RandomResizedCrop with its defaults."""
    for _ in range(10):
        area = height * width * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        crop_width, crop_height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < crop_width <= width and 0 < crop_height <= height:
            return (random.randint(0, height - crop_height), random.randint(0, width - crop_width),
                    crop_height, crop_width)
    side_width, side_height = min(width, height * 4 // 3), min(height, width * 4 // 3)
    return (height - side_height) // 2, (width - side_width) // 2, side_height, side_width
