#!/usr/bin/env python3
"""`headrace pack --tokens --tokenizer`, byte for byte: HEADRACE.

Real text (tools/texts.py), as files and as JSONL, becomes .bin and .idx. The same is made by
Hugging Face's tokenizers as Megatron's preprocess_data.py does it, and written by a model of its
IndexedDatasetBuilder, and by megatron-core's own where it is importable.
"""
import gzip
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import texts  # noqa: E402

try:
    import numpy
    import tokenizers
except ImportError:
    print("skipped: needs tests/conformance/requirements-text.txt (./run test installs it)")
    sys.exit(77)
try:
    from megatron.core.datasets.indexed_dataset import DType, IndexedDatasetBuilder
except ImportError:
    IndexedDatasetBuilder = None

SMALL_BYTES = 1_000_000
END = {"gpt2": "<|endoftext|>", "llama3": "<|end_of_text|>", "qwen2": "<|endoftext|>"}
CORNERS = ["", " ", "\n", "a", "\"quoted\" \\ / \b\f\t", "\u00e9\u4e2d\U0001f600", "\u2028\u0085",
           "<|endoftext|>", "x" * 70_000]


def main():
    headrace = sys.argv[1]
    documents = real_documents()
    for name in texts.PACKAGES:
        path = texts.tokenizer(texts.cache_folder(), name)
        with tempfile.TemporaryDirectory() as folder:
            compare(headrace, name, path, documents, pathlib.Path(folder))
    return 0


def real_documents():
    documents, size = list(CORNERS), 0
    for document in texts.texts(texts.cache_folder(), False):
        documents.append(document.decode("utf-8", "replace"))
        size += len(document)
        if size > SMALL_BYTES:
            break
    random.Random(3).shuffle(documents)
    return documents


def compare(headrace, name, path, documents, folder):
    """A third of the documents a .jsonl.gz of any fields, a third the lines of a file, a third
    files of their own; the folder is read in the order of names."""
    third = len(documents) // 3
    whole = folder / "whole"
    whole.mkdir()
    lines = [line for text in documents[third:2 * third] for line in text.split("\n")]
    with gzip.open(whole / "a.jsonl.gz", "wt", encoding="utf-8") as file:
        for number, text in enumerate(documents[:third]):
            record = {"id": number, "text": text, "meta": {"text": "no"}}
            file.write(json.dumps(record, ensure_ascii=number % 2 == 0) + "\n")
    for number, text in enumerate(documents[2 * third:]):
        (whole / f"b{number:06}.txt").write_bytes(text.encode())
    expected = documents[:third] + documents[2 * third:]
    same(headrace, name, path, whole, expected, END[name], folder)
    (folder / "lines").write_bytes("\n".join(lines).encode())
    # Lines end as they do for us; the rest of Python's str.splitlines stays in a line.
    expected = [line.removesuffix("\r") for line in lines]
    expected = [line for line in expected if line.strip(" \t\r")]
    same(headrace, name, path, folder / "lines", expected, None, folder, "--texts", "line")


def same(headrace, name, path, source, expected, end, folder, *options):
    prefix = folder / "ours"
    if end:
        options += ("--end-token", end)
    subprocess.run([headrace, "pack", "--tokens", "--tokenizer", path, source, prefix, "--quiet",
                    *options], check=True, timeout=120)
    theirs = tokenizers.Tokenizer.from_file(str(path))
    end_id = theirs.token_to_id(end) if end else None
    ids = [encoding.ids for encoding in theirs.encode_batch(expected)]
    ids = [each + [end_id] if each and end else each for each in ids]
    is_small = theirs.get_vocab_size() < 65500
    model(folder / "model", ids, numpy.uint16 if is_small else numpy.int32)
    equal(prefix, folder / "model", f"{name}: the model")
    if IndexedDatasetBuilder:
        megatron(folder / "megatron", ids, theirs.get_vocab_size())
        equal(prefix, folder / "megatron", f"{name}: megatron-core")
    with_whom = "megatron-core and " if IndexedDatasetBuilder else ""
    print(f"{name}: {sum(map(len, ids)):,} tokens of {len(ids):,} texts equal {with_whom}the model",
          flush=True)


def model(prefix, ids, dtype):
    """By the bytes of docs/formats/megatron.md; a text without tokens is no sequence."""
    lengths = numpy.array([len(each) for each in ids if each], dtype=numpy.int32)
    ends = numpy.cumsum([1 if each else 0 for each in ids], dtype=numpy.int64)
    offsets = numpy.cumsum(lengths, dtype=numpy.int64) - lengths
    prefix.with_suffix(".bin").write_bytes(
        b"".join(numpy.array(each, dtype=dtype).tobytes() for each in ids))
    prefix.with_suffix(".idx").write_bytes(
        b"MMIDIDX\0\0" +
        struct.pack("<QBQQ", 1, 8 if dtype == numpy.uint16 else 4, len(lengths), len(ids) + 1) +
        lengths.tobytes() + (offsets * numpy.dtype(dtype).itemsize).tobytes() +
        numpy.concatenate([[0], ends]).astype(numpy.int64).tobytes())


def megatron(prefix, ids, size):
    """As tools/preprocess_data.py of Megatron-LM calls it."""
    builder = IndexedDatasetBuilder(f"{prefix}.bin", dtype=DType.optimal_dtype(size))
    for each in ids:
        builder.add_document(each, [len(each)] if each else [])
    builder.finalize(f"{prefix}.idx")


def equal(ours, theirs, what):
    for end in (".bin", ".idx"):
        if ours.with_suffix(end).read_bytes() != theirs.with_suffix(end).read_bytes():
            sys.exit(f"{what}: {end} differs")


if __name__ == "__main__":
    sys.exit(main())
