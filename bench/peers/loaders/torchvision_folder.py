"""torch DataLoader over an image folder, decoded by Pillow or to uint8 tensors (variant).

Endless epochs from one sampler: no worker stops at the end of one, which only favors it here.
"""
import pathlib

import torch
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision.datasets.folder import default_loader
from torchvision.io import ImageReadMode, decode_image, read_file
from torchvision.transforms import v2

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
ENDLESS = 1 << 40
PREFETCH = 2  # the default; 4 gave the same rate


class Folder(Dataset):
    def __init__(self, path, load, transform):
        classes = sorted(each.name for each in pathlib.Path(path).iterdir() if each.is_dir())
        self.files = [(str(file), label) for label, name in enumerate(classes)
                      for file in sorted((pathlib.Path(path) / name).iterdir())]
        self.load, self.transform = load, transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path, label = self.files[index]
        return self.transform(self.load(path)), label


def load_tensor(path):
    return decode_image(read_file(path), mode=ImageReadMode.RGB)


def transform_of(variant):
    to_float = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, DEVIATION)]
    crop = [v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip()]
    return v2.Compose(crop + ([v2.PILToTensor()] if variant == "pillow" else []) + to_float)


def batches(options):
    load = default_loader if options.variant == "pillow" else load_tensor
    dataset = Folder(options.data, load, transform_of(options.variant))
    loader = DataLoader(
        dataset, batch_size=options.batch, sampler=RandomSampler(dataset, num_samples=ENDLESS),
        num_workers=options.cores, prefetch_factor=PREFETCH, persistent_workers=True,
        worker_init_fn=one_thread, drop_last=True)
    for images, _ in loader:
        yield images


def one_thread(_):
    torch.set_num_threads(1)
