"""Any sequence of stops and restarts, over worlds of 1 to 16 ranks, batch sizes, workers, engines,
prefetch depths and ways of caching, gives one global sequence of samples and one set of pixels or
tokens: those of one rank that was never stopped. The loader's own test (elastic_resume_test.cc)
holds it for 2,000 cases; here each goes through Python with real pictures and token sequences.

A kind of data or order to hold to this is a line in `KINDS`.
"""
import pathlib
import random
import struct
import tempfile
import unittest

import numpy

import headrace as hr
import shards

TOKENS = {"tokens": hr.tokens(), "labels": hr.tokens("labels"),
          "positions": hr.tokens("positions", end_token=0)}
EPOCHS = 2
# Name: folder, fields, options, cases. A window is smaller than a shard, and of no even size.
KINDS = {
    "pictures, global shuffle": ("pictures", shards.CROPS, {"shuffle": "global"}, 24),
    "pictures, window shuffle": ("pictures", shards.CROPS, {"shuffle": "window", "window": 11}, 24),
    "pictures, as stored": ("pictures", shards.CROPS, {"shuffle": "none"}, 8),
    "tokens, global shuffle": ("tokens", TOKENS, {"sequence": 16, "shuffle": "global"}, 16),
    "tokens, window shuffle": ("tokens", TOKENS, {"sequence": 16, "shuffle": "window",
                                                  "window": 11}, 16),
    "tokens, a blend": ({"tokens": 0.3, "more": 0.7}, TOKENS, {"sequence": 16, "samples": 130}, 16),
    "pictures, a blend": ({"pictures": 2, "few": 1}, shards.CROPS, {}, 16),
    "tokens, Megatron's order": ("tokens", TOKENS, {"sequence": 16, "shuffle": "megatron",
                                                    "samples": 200}, 16),
}


class Elastic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.root = pathlib.Path(made.name)
        for name in ("pictures", "few", "tokens", "more"):
            (cls.root / name).mkdir()
        shards.write(cls.root / "pictures", 50)
        shards.write(cls.root / "few", 13, shards=2)
        write_tokens(cls.root / "tokens" / "some", documents=40)
        write_tokens(cls.root / "more" / "some", documents=25)

    def test_stops_and_restarts_give_one_sequence_and_one_set_of_bytes(self):
        for number, (kind, (folder, fields, options, cases)) in enumerate(KINDS.items()):
            with self.subTest(kind):
                draw = random.Random(number)
                options = {"fields": fields, "seed": number, "tensors": "numpy", "ids": "id",
                           "last": "short", "read_ahead": "1M", **options}
                path = ({str(self.root / one): weight for one, weight in folder.items()}
                        if isinstance(folder, dict) else str(self.root / folder))
                whole = hr.Loader(path, batch=7, **options)
                expected = [row for _ in range(EPOCHS) for batch in whole for row in rows_of(batch)]
                self.assertGreater(len(expected), 90)
                for _ in range(cases):
                    self.assertEqual(self.run_in_pieces(draw, path, options, len(expected)),
                                     expected)

    def caches(self, options):
        """Token files are always read from memory here: they are small."""
        return ["map", "ram"] if "sequence" in options else ["page", "direct", "ram", "map"]

    def run_in_pieces(self, draw, path, options, count):
        seen, state = [], None
        while len(seen) < count:
            world = World(path, draw.choice([1, 1, 2, 3, 4, 5, 8, 13, 16]), {
                **options, "batch": draw.randint(1, 12), "workers": draw.randint(1, 3),
                "prefetch": draw.randint(1, 4), "engine": draw.choice(["auto", "threads", "psync"]),
                "cache": draw.choice(self.caches(options))}, state)
            for _ in range(draw.randint(1, 5)):
                seen += world.step()
            state = world.state()
        return seen[:count]


class World:
    """Ranks that train together, and go on with the next epoch when one has no batch any more."""

    def __init__(self, path, size, options, state):
        self.ranks = [hr.Loader(path, rank=rank, world_size=size, **options)
                      for rank in range(size)]
        for rank in self.ranks:
            if state is not None:
                rank.load_state_dict(state)
        self.loops = []

    def step(self):
        """Each rank's next batch: their rows in turn."""
        if not self.loops:
            self.loops = [iter(rank) for rank in self.ranks]
        batches = [next(loop, None) for loop in self.loops]
        rows = [list(rows_of(batch)) for batch in batches if batch is not None]
        if len(rows) < len(batches):
            self.loops = []
        return [one[row] for row in range(max(map(len, rows), default=0)) for one in rows
                if row < len(one)]

    def state(self):
        """Of an epoch's last, shorter batch only the ranks that had a row know that it is done."""
        return max((rank.state_dict() for rank in self.ranks),
                   key=lambda state: (state["epoch"], state["position"]))


def rows_of(batch):
    """Each sample's number and bytes."""
    return [(int(number), *(tensor[row].tobytes() for name, tensor in batch.items()))
            for row, number in enumerate(batch["id"])]


def write_tokens(prefix, documents):
    """Documents of 0 to 59 tokens, each ended by token 0, as Megatron stores them."""
    draw = numpy.random.default_rng(5)
    lengths = draw.integers(1, 60, documents).astype("<i4")
    words = [numpy.append(draw.integers(1, 1000, length - 1), 0).astype("<u2")
             for length in lengths]
    ends = numpy.cumsum(lengths.astype("<i8"))
    prefix.with_suffix(".bin").write_bytes(b"".join(word.tobytes() for word in words))
    prefix.with_suffix(".idx").write_bytes(
        b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, documents, documents + 1) + lengths.tobytes() +
        (2 * (ends - lengths)).tobytes() + numpy.arange(documents + 1, dtype="<i8").tobytes())


if __name__ == "__main__":
    unittest.main()
