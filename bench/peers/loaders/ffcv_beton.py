"""FFCV: a beton file of JPEG (re-encoded at quality 95) or of raw pixels, compiled pipelines.

The variant is "float32" or "float16". It resizes by area, antialiased when it shrinks.
"""
import numpy
from ffcv.fields import IntField, RGBImageField
from ffcv.fields.decoders import IntDecoder, RandomResizedCropRGBImageDecoder
from ffcv.loader import Loader, OrderOption
from ffcv.reader import Reader
from ffcv.transforms import NormalizeImage, RandomHorizontalFlip, ToTensor, ToTorchImage
from ffcv.writer import DatasetWriter

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TIMES_THROUGH = 100  # an epoch's indices, so often: no epoch turns in a window
QUALITY = 95


def prepare(photos, out):
    from torchvision.datasets import ImageFolder
    mode = "raw" if "-raw" in out.name else "jpg"
    writer = DatasetWriter(str(out), {"image": RGBImageField(write_mode=mode, jpeg_quality=QUALITY),
                                      "label": IntField()})
    writer.from_indexed_dataset(ImageFolder(photos))


def batches(options):
    kind = numpy.dtype(options.variant)
    picture = [RandomResizedCropRGBImageDecoder((224, 224)), RandomHorizontalFlip(),
               NormalizeImage(255 * numpy.array(MEAN), 255 * numpy.array(DEVIATION), kind.type),
               ToTensor(), ToTorchImage(channels_last=False, convert_back_int16=True)]
    pipelines = {"image": picture, "label": [IntDecoder(), ToTensor()]}
    ids = numpy.arange(Reader(str(options.data)).num_samples, dtype="uint64")
    loader = Loader(str(options.data), batch_size=options.batch, num_workers=options.cores,
                    order=OrderOption.RANDOM, os_cache=True, drop_last=True,
                    indices=numpy.tile(ids, TIMES_THROUGH), pipelines=pipelines)
    for images, _ in loader:
        yield images
