"""Headrace's draws and torchvision's RandomResizedCrop, written down again from what they cite:
Philox4x32-10 (Salmon et al., SC 2011), SplitMix64's finalizer, Lemire's bounded integers, and
torchvision's get_params. A test that compares with this does not share a line with the C++."""
import math

MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1


def mix64(value):
    value = (value + 0x9E3779B97F4A7C15) & MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK64
    return value ^ (value >> 31)


def mix64_pair(first, second):
    salted = (second * 0x9FB21C651E98DF25 + 0x2545F4914F6CDD1D) & MASK64
    return mix64(mix64(first) ^ salted)


def philox4x32(counter, key):
    for _ in range(10):
        product0, product1 = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(product1 >> 32) ^ counter[1] ^ key[0], product1 & MASK32,
                   (product0 >> 32) ^ counter[3] ^ key[1], product0 & MASK32]
        key = [(key[0] + 0x9E3779B9) & MASK32, (key[1] + 0xBB67AE85) & MASK32]
    return counter


class Draws:
    """The stream of one operator on one sample in one epoch."""

    def __init__(self, seed, epoch, sample_id, operator_index):
        mixed = mix64_pair(seed, epoch)
        self.key = [mixed & MASK32, mixed >> 32]
        self.counter = [0, operator_index, sample_id & MASK32, sample_id >> 32]
        self.left = []

    def next_u32(self):
        if not self.left:
            self.left = philox4x32(self.counter, self.key)
            self.counter[0] += 1
        return self.left.pop(0)

    def uniform(self, low=0.0, high=1.0):
        bits = (self.next_u32() << 32 | self.next_u32()) >> 11
        return low + (high - low) * (bits * 2.0 ** -53)

    def below(self, bound):
        threshold = (1 << 32) % bound
        while True:
            product = self.next_u32() * bound
            if product & MASK32 >= threshold:
                return product >> 32


def random_resized_crop(width, height, draws, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3)):
    """The box (left, top, right, bottom) by torchvision's RandomResizedCrop.get_params."""
    for _ in range(10):
        area = width * height * draws.uniform(*scale)
        aspect = math.exp(draws.uniform(math.log(ratio[0]), math.log(ratio[1])))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            top = draws.below(height - h + 1)
            left = draws.below(width - w + 1)
            return left, top, left + w, top + h
    w, h = width, height
    if width / height < ratio[0]:
        h = round(width / ratio[0])
    elif width / height > ratio[1]:
        w = round(height * ratio[1])
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h
