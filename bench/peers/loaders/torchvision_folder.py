"""torch DataLoader over an image folder, decoded by Pillow or to uint8 tensors (the variant).

Endless epochs from one sampler: no worker stops at the end of one, which only favors it here.
"""
import pathlib

from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision.datasets.folder import default_loader
from torchvision.io import read_file

from loaders.tensor_transform import OF_PICTURES, OF_TENSORS, decoded, one_thread

ENDLESS = 1 << 40


class Folder(Dataset):
    def __init__(self, path, pillow):
        classes = sorted(each.name for each in pathlib.Path(path).iterdir() if each.is_dir())
        self.files = [(str(file), label) for label, name in enumerate(classes)
                      for file in sorted((pathlib.Path(path) / name).iterdir())]
        self.pillow = pillow

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path, label = self.files[index]
        if self.pillow:
            return OF_PICTURES(default_loader(path)), label
        return OF_TENSORS(decoded(read_file(path))), label


def batches(options):
    dataset = Folder(options.data, options.variant == "pillow")
    loader = DataLoader(
        dataset, batch_size=options.batch, sampler=RandomSampler(dataset, num_samples=ENDLESS),
        num_workers=options.cores, persistent_workers=True, worker_init_fn=one_thread,
        drop_last=True)
    for images, _ in loader:
        yield images
