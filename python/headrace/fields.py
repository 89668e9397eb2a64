"""What becomes of a sample's bytes: one builder a field, each a [[field]] of headrace.toml.

Builders are values: each method returns a new one. Keys that have no method here are given by name,
as in `image("jpg", dct_scaling=False)`; docs/job.md lists them all.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Union

from headrace.errors import Error

Value = Union[bool, int, float, str, Sequence[Union[int, float]]]


class Normalization(NamedTuple):
    """Subtract the mean, divide by the deviation: red, green, blue from 0 to 1."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


IMAGENET = Normalization((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


class Field:
    """One tensor of a batch: where its bytes come from and what they become."""

    def __init__(self, keys: dict[str, Value]) -> None:
        self.keys = dict(keys)

    def to(self, dtype: str) -> Field:
        """The elements' type: "uint8", "int32", "int64", "float16", "bfloat16" or "float32"."""
        return self._with(type=dtype)

    def _with(self, **keys: Value) -> Field:
        return type(self)({**self.keys, **keys})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.keys.items())})"


class Image(Field):
    """A picture: decoded, cut, resized, flipped, normalized, in this order whatever the calls'."""

    def random_resized_crop(self, size: int | tuple[int, int] = 224, *,
                            scale: tuple[float, float] = (0.08, 1.0),
                            ratio: tuple[float, float] = (3 / 4, 4 / 3)) -> Image:
        """torchvision's RandomResizedCrop, antialiased."""
        return self._with(crop="random_resized", size=_pair(size), scale=scale, ratio=ratio)

    def center_crop(self, size: int | tuple[int, int] = 224, *, resize: int = 256) -> Image:
        """The shorter side to `resize`, then the center."""
        return self._with(crop="center", size=_pair(size), resize=resize)

    def resize(self, size: int | tuple[int, int]) -> Image:
        """The whole picture, whatever its shape was."""
        return self._with(crop="none", size=_pair(size))

    def flip(self, probability: float = 0.5) -> Image:
        """Left and right changed with this probability."""
        return self._with(flip=float(probability))

    def normalize(self, by: Normalization = IMAGENET) -> Image:
        if by == IMAGENET:
            return self._with(normalize="imagenet")
        return self._with(normalize="custom", mean=by.mean, std=by.std)

    def layout(self, layout: str) -> Image:
        """"chw" (planes, the default) or "hwc" (pixels)."""
        return self._with(layout=layout)

    def to(self, dtype: str) -> Image:
        return self._with(type=dtype)

    def _with(self, **keys: Value) -> Image:
        return Image({**self.keys, **keys})


def image(source: str = "jpg|jpeg|png|webp", **keys: Value) -> Image:
    """A picture from the sample's member with the first of these extensions that it has."""
    return Image({"from": source, "kind": "image", **keys})


def integer(source: str = "cls", **keys: Value) -> Field:
    """A decimal number, or the class that an image folder's path says; int64 unless told."""
    return Field({"from": source, "kind": "integer", **keys})


def bytes_(source: str, size: int, **keys: Value) -> Field:
    """Bytes as they are, cut or filled up with zeros to `size`."""
    return Field({"from": source, "kind": "bytes", "shape": [size], **keys})


def raw(source: str, shape: Sequence[int], dtype: str = "uint8", **keys: Value) -> Field:
    """Exactly `shape` little-endian elements of this type."""
    return Field({"from": source, "kind": "raw", "shape": list(shape), "type": dtype, **keys})


def tokens(kind: str = "tokens", **keys: Value) -> Field:
    """Of token files: their "tokens", the next ones as "labels", "positions" or "boundaries"."""
    return Field({"from": "tokens", "kind": kind, **keys})


def text(source: str, tokens: int, tokenizer: str, *, pad_token: str = "",
         **keys: Value) -> Field:
    """Token ids by a tokenizer.json or a SentencePiece model, so many a row; docs/text.md.

    Longer texts are cut, shorter ones filled up with `pad_token`.
    """
    return Field({"from": source, "kind": "text", "shape": [tokens], "tokenizer": tokenizer,
                  "pad_token": pad_token, **keys})


def array(source: str, dtype: str, shape: Sequence[int] = (), *, ragged: str = "none",
          max_length: int = 0, **keys: Value) -> Field:
    """Numbers of a declared type and shape, however they are stored; docs/arrays.md.

    With ragged="pad" or "offsets" a leading dimension of at most `max_length` differs from sample
    to sample, and a tensor of lengths or offsets stands beside it.
    """
    return Field({"from": source, "kind": "array", "type": dtype, "shape": list(shape),
                  "ragged": ragged, "max_length": max_length, **keys})


def strings(source: str, size: int, *, ragged: str = "none", max_length: int = 0,
            **keys: Value) -> Field:
    """Strings as uint8, each cut or filled up with zeros to `size` bytes; docs/arrays.md."""
    return Field({"from": source, "kind": "strings", "shape": [size], "ragged": ragged,
                  "max_length": max_length, **keys})


_SIZES = "add .random_resized_crop(224), .center_crop(224) or .resize(224)"


def check(name: str, field: Field) -> Field:
    """The field, or an Error that says what it lacks."""
    if isinstance(field, Image) and "crop" not in field.keys:
        raise Error(f'cannot prepare field "{name}": it does not say how large its pictures '
                    f"become; hint: {_SIZES}", hint=_SIZES)
    return field


def _pair(size: int | tuple[int, int]) -> list[int]:
    return [size, size] if isinstance(size, int) else list(size)
