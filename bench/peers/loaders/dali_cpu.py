"""NVIDIA DALI on the CPU: file reader, fused decode and random crop, one C++ thread pool.

The variant is "antialias" (its default) or "two-taps".
"""
import numpy
from nvidia.dali import fn, pipeline_def, types

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SHUFFLED_FIRST = 1024  # samples of the shuffle buffer, which must be full before the first batch


@pipeline_def
def crops(folder, antialias):
    files, _ = fn.readers.file(file_root=folder, random_shuffle=True, initial_fill=SHUFFLED_FIRST)
    images = fn.decoders.image_random_crop(
        files, device="cpu", output_type=types.RGB, random_area=[0.08, 1.0],
        random_aspect_ratio=[3 / 4, 4 / 3], num_attempts=10)
    images = fn.resize(images, size=[224, 224], interp_type=types.INTERP_LINEAR,
                       antialias=antialias)
    return fn.crop_mirror_normalize(
        images, dtype=types.FLOAT, output_layout="CHW", mean=[255 * mean for mean in MEAN],
        std=[255 * deviation for deviation in DEVIATION], mirror=fn.random.coin_flip())


def batches(options):
    pipeline = crops(str(options.data), options.variant == "antialias", device_id=None,
                     batch_size=options.batch, num_threads=options.cores)
    pipeline.build()
    while True:
        images, = pipeline.run()
        yield numpy.asarray(images.as_tensor())  # a view: DALI keeps it until the next run
