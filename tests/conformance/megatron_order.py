#!/usr/bin/env python3
"""Sequences of `headrace feed` in Megatron's order, token for token: HEADRACE [SECONDS].

Real text (this system's documentation) becomes .bin and .idx; what `feed --dump` writes is compared
with a model of GPTDataset and BlendedDataset over NumPy's own shuffle, and with megatron-core where
it is importable.
"""
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    print("skipped: needs numpy (./run test installs it)")
    sys.exit(77)
try:
    from megatron.core.datasets.blended_megatron_dataset_builder import (
        BlendedMegatronDatasetBuilder)
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
    from megatron.core.datasets.indexed_dataset import IndexedDataset
    from megatron.core.datasets.utils import Split
except ImportError:
    GPTDataset = None

SEQUENCE, BATCH, MOST_BYTES = 256, 64, 3_000_000
CASES = ((None, 1234), (None, 7), (1.3, 1234), (1.9, 5), (2.2, 99))  # epochs wanted, seed
# Weights of the parts, samples wanted (the smallest part is packed in several epochs), seed.
BLENDS = (((0.3, 0.5, 0.2), 3000, 1234), ((1.0, 1.0, 8.0), 2500, 7), ((5.0, 3.0, 1.0), 9000, 99))


def main():
    headrace = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        prefix = f"{folder}/text"
        documents = real_documents()
        write_pair(prefix, documents)
        for epochs, seed in CASES:
            per_epoch = (sum(map(len, documents)) - 1) // SEQUENCE
            wanted = None if epochs is None else int(epochs * per_epoch)
            ours = feed(headrace, prefix, seed, wanted, folder)
            check(ours, model(documents, seed, wanted), f"numpy's model, {wanted} of seed {seed}")
            if GPTDataset:
                check(ours, megatron(prefix, len(documents), seed, wanted),
                      f"megatron-core, {wanted} of seed {seed}")
        prefixes, parts = write_parts(folder, documents)
        for weights, wanted, seed in BLENDS:
            job = blend_job(folder, prefixes, weights, wanted, seed)
            ours = feed(headrace, job, seed, wanted, folder)
            what = f"blend by {weights}, {wanted} of seed {seed}"
            check(ours, blend_model(parts, weights, wanted, seed), f"numpy's model, {what}")
            if GPTDataset:
                check(ours, megatron_blend(prefixes, weights, wanted, seed),
                      f"megatron-core, {what}")
    with_whom = "megatron-core and " if GPTDataset else ""
    print(f"{len(CASES)} orders and {len(BLENDS)} blends of {len(documents)} real documents equal "
          f"{with_whom}numpy's model")


def real_documents():
    documents, size = [], 0
    for path in sorted(pathlib.Path("/usr/share/doc").rglob("copyright")):
        data = path.read_bytes()[:60_000] + b"\0\0"
        documents.append(numpy.frombuffer(data[:len(data) // 2 * 2], dtype=numpy.uint16))
        size += len(data)
        if size > MOST_BYTES:
            break
    return documents


def write_pair(prefix, documents):
    """By the bytes of docs/formats/megatron.md."""
    pathlib.Path(prefix + ".bin").write_bytes(b"".join(d.tobytes() for d in documents))
    lengths = numpy.array([len(d) for d in documents], dtype=numpy.int32)
    offsets = numpy.concatenate([[0], numpy.cumsum(lengths[:-1], dtype=numpy.int64) * 2])
    count = len(documents)
    pathlib.Path(prefix + ".idx").write_bytes(
        b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, count, count + 1) + lengths.tobytes() +
        offsets.astype(numpy.int64).tobytes() +
        numpy.arange(count + 1, dtype=numpy.int64).tobytes())


def write_parts(folder, documents):
    """Three data sets of very unequal size."""
    count = len(documents)
    parts = [documents[:count // 16], documents[count // 16:count // 4], documents[count // 4:]]
    prefixes = [f"{folder}/part{number}" for number in range(len(parts))]
    for prefix, part in zip(prefixes, parts):
        write_pair(prefix, part)
    return prefixes, parts


def blend_job(folder, prefixes, weights, wanted, seed):
    tables = "".join(f'[[blend]]\npath = "{prefix}"\nweight = {weight}\n'
                     for prefix, weight in zip(prefixes, weights))
    path = pathlib.Path(folder) / f"blend-{wanted}-{seed}.toml"
    path.write_text('preset = "tokens"\n' + tables)
    return str(path)


def feed(headrace, prefix, seed, wanted, folder):
    out = tempfile.mkdtemp(dir=folder)
    subprocess.run(
        [headrace, "feed", prefix, "--preset", "tokens", "--sequence", str(SEQUENCE), "--shuffle",
         "megatron", "--samples", str(wanted or 0), "--seed", str(seed), "--batch", str(BATCH),
         "--quiet", "--dump", out, "--dump-batches", "1000000"], check=True, timeout=120)

    def load(field):
        return numpy.concatenate([numpy.load(path)
                                  for path in sorted(pathlib.Path(out).glob(f"*.{field}.npy"))])
    tokens, labels = load("tokens"), load("labels")
    assert tokens.dtype == labels.dtype == numpy.int64
    assert (tokens[:, 1:] == labels[:, :-1]).all(), "labels are not the tokens one place on"
    return numpy.concatenate([tokens, labels[:, -1:]], axis=1)


def model(documents, seed, wanted):
    state = numpy.random.RandomState(seed)
    lengths = numpy.array([len(d) for d in documents], dtype=numpy.int64)
    total, epochs = int(lengths.sum()), 1
    while wanted is not None and epochs * total < wanted * SEQUENCE + 1:
        epochs += 1
    before_last = ((epochs - 1) * total - 1) // SEQUENCE
    apart = epochs > 1 and wanted - before_last < int(0.8 * ((total - 1) // SEQUENCE))

    def shuffled(times):
        order = numpy.tile(numpy.arange(len(documents), dtype=numpy.int32), times)
        state.shuffle(order)
        return order
    order = numpy.concatenate([shuffled(epochs - 1), shuffled(1)]) if apart else shuffled(epochs)
    stream = numpy.concatenate([documents[i] for i in order]).astype(numpy.int64)
    count = (epochs * total - 1) // SEQUENCE
    rows = numpy.stack([stream[i * SEQUENCE:i * SEQUENCE + SEQUENCE + 1] for i in range(count)])
    first = numpy.arange(before_last if apart else count, dtype=numpy.uint32)
    last = numpy.arange(len(first), count, dtype=numpy.uint32)
    state.shuffle(first)
    state.shuffle(last)
    return rows[numpy.concatenate([first, last])]


def blend_model(parts, weights, wanted, seed):
    shares = normalized(weights)
    targets = [math.ceil(wanted * share) for share in shares]
    rows = [model(part, seed, math.ceil(target * (1 + 0.005)))
            for part, target in zip(parts, targets)]
    shares, given, blend = normalized(shares), [0] * len(parts), []
    for position in range(sum(targets)):
        due = [share * max(position, 1) - count for share, count in zip(shares, given)]
        part = due.index(max(due))
        blend.append(rows[part][given[part]])
        given[part] += 1
    return numpy.stack(blend)


def normalized(weights):
    array = numpy.array(weights, dtype=numpy.float64)
    return (array / numpy.sum(array)).tolist()


def config_of(seed, **more):
    class Tokenizer:
        eod, pad, unique_identifiers, vocab_size = 0, -2, {"real": "text"}, 65536
    return GPTDatasetConfig(
        random_seed=seed, sequence_length=SEQUENCE, split="1,0,0", reset_position_ids=False,
        reset_attention_mask=False, eod_mask_loss=False, tokenizer=Tokenizer(),
        create_attention_mask=False, **more)


def megatron(prefix, count, seed, wanted):
    config = config_of(seed)
    dataset = GPTDataset(IndexedDataset(prefix), prefix, numpy.arange(count, dtype=numpy.int32),
                         wanted, Split.train, config)
    return rows_of(dataset)


def megatron_blend(prefixes, weights, wanted, seed):
    config = config_of(seed, blend=(prefixes, list(weights)))
    builder = BlendedMegatronDatasetBuilder(GPTDataset, [wanted, 0, 0], lambda: True, config)
    return rows_of(builder.build()[0])


def rows_of(dataset):
    rows = []
    for index in range(len(dataset)):
        sample = dataset[index]
        rows.append(numpy.append(sample["tokens"].numpy(), sample["labels"].numpy()[-1]))
    return numpy.stack(rows)


def check(ours, theirs, what):
    if ours.shape != theirs.shape:
        sys.exit(f"{what}: {ours.shape[0]} sequences where {theirs.shape[0]} are due")
    wrong = numpy.flatnonzero((ours != theirs).any(axis=1))
    if len(wrong):
        sys.exit(f"{what}: {len(wrong)} sequences differ, the first is number {wrong[0]}")


if __name__ == "__main__":
    main()
