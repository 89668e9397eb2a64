"""What the loaders of tensors share: the crop, flip and normalization of torchvision's v2."""
import torch
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CROP = (v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip())
TO_FLOAT = (v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, DEVIATION))
OF_TENSORS = v2.Compose([*CROP, *TO_FLOAT])
OF_PICTURES = v2.Compose([*CROP, v2.PILToTensor(), *TO_FLOAT])


def decoded(data):
    """A picture's file, as bytes or a uint8 tensor, to RGB."""
    if isinstance(data, bytes):
        data = torch.frombuffer(bytearray(data), dtype=torch.uint8)
    return decode_image(data, mode=ImageReadMode.RGB)


def one_thread(_):
    torch.set_num_threads(1)  # each worker is a process; more would fight for the cores
