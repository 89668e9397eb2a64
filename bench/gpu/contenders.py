"""Loaders as generators of batches on the GPU: float16 pictures of 3 x 224 x 224, normalized.

Each takes (folder, batch, cores) and never ends. What it needs is imported inside, so that a loader
that is not installed fails with its own reason. Draws differ between loaders; the work does not:
random resized crop, antialiased where the loader can, left-right flip, normalization.
"""
import os
import pathlib

SIDE = 224
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
ENDLESS = 1 << 40


def files_of(folder):
    return sorted(str(path) for path in pathlib.Path(folder).glob("*/*.jpg"))


def normalizer(torch):
    mean = torch.tensor(MEAN, device="cuda").view(1, 3, 1, 1) * 255
    scale = 1 / (torch.tensor(DEVIATION, device="cuda").view(1, 3, 1, 1) * 255)
    return lambda images: ((images.float() - mean) * scale).half()


def torch_copy_stream(folder, batch, cores):
    """DataLoader, decoded by its workers, pinned, copied ahead on a stream of its own."""
    import torch
    from torch.utils.data import DataLoader, Dataset, RandomSampler
    from torchvision.io import ImageReadMode, decode_jpeg, read_file
    from torchvision.transforms import v2

    class Pictures(Dataset):
        files = files_of(folder)
        change = v2.Compose([v2.RandomResizedCrop(SIDE, antialias=True),
                             v2.RandomHorizontalFlip()])

        def __len__(self):
            return len(self.files)

        def __getitem__(self, index):
            data = read_file(self.files[index])
            return self.change(decode_jpeg(data, mode=ImageReadMode.RGB))

    data = Pictures()
    loader = DataLoader(data, batch_size=batch, num_workers=cores, pin_memory=True,
                        persistent_workers=True, drop_last=True,
                        sampler=RandomSampler(data, num_samples=ENDLESS))
    normalize, copies, ahead = normalizer(torch), torch.cuda.Stream(), None
    for images in loader:
        with torch.cuda.stream(copies):
            there = images.to("cuda", non_blocking=True)
        if ahead is not None:
            yield normalize(ahead)
        torch.cuda.current_stream().wait_stream(copies)
        there.record_stream(torch.cuda.current_stream())
        ahead = there


def torchvision_gpu(folder, batch, cores):
    """torchvision: JPEGs of a batch decoded on the GPU by nvJPEG, cropped there one by one."""
    import concurrent.futures
    import random

    import torch
    from torchvision.io import ImageReadMode, decode_jpeg, read_file
    from torchvision.transforms import v2
    change = v2.Compose([v2.RandomResizedCrop(SIDE, antialias=True), v2.RandomHorizontalFlip()])
    files, normalize = files_of(folder), normalizer(torch)
    with concurrent.futures.ThreadPoolExecutor(cores) as readers:
        read = lambda: [*readers.map(read_file, random.choices(files, k=batch))]  # noqa: E731
        ahead = readers.submit(read) if cores > 1 else None
        while True:
            data = ahead.result() if ahead else read()
            ahead = readers.submit(read) if cores > 1 else None
            images = decode_jpeg(data, mode=ImageReadMode.RGB, device="cuda")
            yield normalize(torch.stack([change(image) for image in images]))


def dali(folder, batch, cores, decode):
    from nvidia.dali import fn, pipeline_def, types
    from nvidia.dali.plugin.pytorch import DALIGenericIterator

    @pipeline_def
    def pictures():
        files, _ = fn.readers.file(file_root=str(folder), random_shuffle=True, name="files")
        images = fn.decoders.image_random_crop(files, device=decode, output_type=types.RGB,
                                               random_area=[0.08, 1.0], num_attempts=10)
        images = fn.resize(images.gpu(), size=[SIDE, SIDE], interp_type=types.INTERP_LINEAR,
                           antialias=True)
        return fn.crop_mirror_normalize(images, dtype=types.FLOAT16, output_layout="CHW",
                                        mean=[255 * each for each in MEAN],
                                        std=[255 * each for each in DEVIATION],
                                        mirror=fn.random.coin_flip())

    pipeline = pictures(batch_size=batch, num_threads=cores, device_id=0, prefetch_queue_depth=3)
    pipeline.build()
    while True:
        for made in DALIGenericIterator(pipeline, ["images"]):  # without a size: it never ends
            yield made[0]["images"]


def headrace(folder, batch, cores, decode):
    import headrace as hr
    pictures = hr.image("jpg", size=SIDE, flip=0.5, normalize="imagenet", type="float16",
                        decode=decode)
    loader = hr.Loader(folder, batch=batch, fields={"image": pictures}, device="cuda",
                       workers=cores, last="drop", tensors="torch")
    while True:
        for made in loader:
            yield made["image"]


CONTENDERS = {
    "torch, pinned, copy stream": torch_copy_stream,
    "torchvision, decoded on the GPU": torchvision_gpu,
    "DALI, decoded by the CPU": lambda *where: dali(*where, "cpu"),
    "DALI, mixed": lambda *where: dali(*where, "mixed"),
    "headrace, exact": lambda *where: headrace(*where, "exact"),
    "headrace, fast": lambda *where: headrace(*where, "fast"),
    "headrace, gpu": lambda *where: headrace(*where, "gpu"),
    "headrace, auto": lambda *where: headrace(*where, "auto"),
}


def main_threads():
    """For contenders in processes of their own: libraries' pools beside theirs only disturb."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
