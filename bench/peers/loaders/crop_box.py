"""torchvision's RandomResizedCrop with its defaults, for loaders that bring none of their own."""
import math
import random


def crop_box(height, width):
    """(top, left, height, width) of the next crop."""
    for _ in range(10):
        area = height * width * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        crop_width, crop_height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < crop_width <= width and 0 < crop_height <= height:
            return (random.randint(0, height - crop_height), random.randint(0, width - crop_width),
                    crop_height, crop_width)
    side_width, side_height = min(width, height * 4 // 3), min(height, width * 4 // 3)
    return (height - side_height) // 2, (width - side_width) // 2, side_height, side_width
