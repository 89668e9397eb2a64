"""Headrace: training data from storage to the trainer, and which link is the slowest.

    import headrace as hr
    train = hr.Loader("packed", batch=256, seed=7,
                      fields={"image": hr.image("jpg").random_resized_crop(224).flip()
                                       .normalize(hr.IMAGENET),
                              "label": hr.integer("cls")})
    for batch in train:
        step(batch["image"], batch["label"])

Importing this imports neither torch nor NumPy; the first batch imports what it needs.
"""
from headrace._headrace import version as __version__
from headrace.account import Isolation, Verdict, Wrapped, wrap
from headrace.errors import Error
from headrace.fields import (IMAGENET, Field, Image, Normalization, array, image, integer, raw,
                             strings, text, tokens)
from headrace.fields import bytes_ as bytes  # noqa: A004 - named after the kind of field
from headrace.loader import Batch, Loader
from headrace.ranks import Ranks, ranks

__all__ = [
    "IMAGENET", "Batch", "Error", "Field", "Image", "Isolation", "Loader", "Normalization",
    "Ranks", "Verdict", "Wrapped", "__version__", "array", "bytes", "image", "integer", "ranks",
    "raw", "strings", "text", "tokens", "wrap",
]
