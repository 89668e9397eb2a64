"""The loop that a careful engineer writes: threads, simplejpeg, OpenCV, NumPy, no framework.

Each thread fills whole pictures of a batch that was made before, so nothing is collated.
"""
import concurrent.futures
import random

import cv2
import numpy
import simplejpeg

from loaders.crop_box import crop_box

MEAN = numpy.array((0.485, 0.456, 0.406), numpy.float32) * 255
DEVIATION = numpy.array((0.229, 0.224, 0.225), numpy.float32) * 255
SIDE, AHEAD = 224, 3


def batches(options):
    cv2.setNumThreads(1)
    files = sorted(str(file) for file in options.data.glob("*/*"))
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
