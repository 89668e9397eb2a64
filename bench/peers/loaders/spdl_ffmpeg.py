"""SPDL: threads that release the GIL; FFmpeg decodes, crops, scales and flips in its filter graph.

Small jobs of pictures, gathered to a batch: whole-batch jobs left a core idle.
"""
import random

import numpy
import spdl.io
from spdl.pipeline import PipelineBuilder

from loaders.crop_box import crop_box

MEAN = numpy.array((0.485, 0.456, 0.406), numpy.float32) * 255
DEVIATION = numpy.array((0.229, 0.224, 0.225), numpy.float32) * 255
PICTURES_A_JOB, BATCHES_AHEAD = 32, 2


def batches(options):
    files = sorted(str(file) for file in options.data.glob("*/*"))
    pipeline = (PipelineBuilder().add_source(jobs(files))
                .pipe(load, concurrency=options.cores)
                .aggregate(options.batch // PICTURES_A_JOB)
                .pipe(numpy.concatenate).add_sink(BATCHES_AHEAD)
                .build(num_threads=options.cores))
    with pipeline.auto_stop():
        yield from pipeline


def jobs(files):
    left = []
    while True:
        left += random.sample(files, len(files))
        while len(left) >= PICTURES_A_JOB:
            job, left = left[:PICTURES_A_JOB], left[PICTURES_A_JOB:]
            yield job


def load(files):
    frames = []
    for file in files:
        packets = spdl.io.demux_image(file)
        frames.append(spdl.io.decode_packets(packets, filter_desc=graph(packets)))
    pixels = spdl.io.to_numpy(spdl.io.convert_frames(frames))
    planes = (pixels - MEAN) * (1 / DEVIATION)
    return numpy.ascontiguousarray(planes.transpose(0, 3, 1, 2))


def graph(packets):
    top, left, height, width = crop_box(packets.height, packets.width)
    flip = ",hflip" if random.random() < 0.5 else ""
    return (f"crop=w={width}:h={height}:x={left}:y={top}:exact=1,scale=w=224:h=224:flags=bilinear"
            f"{flip},format=pix_fmts=rgb24")
