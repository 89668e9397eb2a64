#!/usr/bin/env python3
"""Token batches as a trainer gets them, ours beside others', each in a process of its own.

    ./run bench tokens [--rounds N] [--seconds S] [--tokens N] [--documents N]
                       [--part rates|starts] [--json FILE]

Sequences of 4096 in batches of 8, shuffled, int64 inputs and labels, from one .bin of uint16 (the
bytes of the photographs). The contenders take turns, `--rounds` times; medians are printed, CPU
seconds are those of the whole process tree. Then the preparation of Megatron's order, for many
documents and epochs, whose tokens nobody reads (a file with holes).
"""
import argparse
import os
import pathlib
import struct
import sys

import numpy

CONTENDERS = pathlib.Path(__file__).resolve().parent / "contenders.py"
sys.path.insert(0, str(CONTENDERS.parent.parent))
import rounds  # noqa: E402

RATES = ("headrace", "headrace, megatron order", "memory map, no workers", "nanoGPT get_batch",
         "megatron-core, 0 workers", "megatron-core, 1 worker", "megatron-core, 2 workers",
         "widening alone, in order", "memory copied")
STARTS = ("prepare headrace", "prepare megatron-core")


def main():
    options = arguments()
    data, many = write_tokens(options), write_index(options)
    rows = []
    if options.part != "starts":
        rows += rate_rows(measure_rates(options, data))
    if options.part != "rates":
        rows += start_rows(measure_starts(options, many))
    rounds.show("tokens", rows)
    if options.json:
        rounds.write_json(options.json, "tokens", rows)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", default=os.environ.get("HEADRACE_PHOTOS"))
    parser.add_argument("--folder", default=os.environ.get("HEADRACE_TOKENS"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--tokens", type=int, default=100_000_000)
    parser.add_argument("--documents", type=int, default=2_000_000)
    parser.add_argument("--part", choices=("both", "rates", "starts"), default="both")
    parser.add_argument("--json")
    return parser.parse_args()


def write_tokens(options):
    """Every picture a document, until there are enough tokens."""
    prefix = pathlib.Path(options.folder) / f"photos-{options.tokens}"
    if prefix.with_suffix(".idx").exists():
        return prefix
    lengths = []
    with open(prefix.with_suffix(".bin"), "wb") as file:
        for path in sorted(pathlib.Path(options.photos).rglob("*.jpg")):
            picture = path.read_bytes()
            lengths.append(len(picture) // 2)
            file.write(picture[:lengths[-1] * 2])
            if sum(lengths) >= options.tokens:
                break
    write_lengths(prefix, numpy.array(lengths, dtype=numpy.int32))
    return prefix


def write_index(options):
    """Documents of 1 to 1999 tokens, in a .bin that is all holes."""
    prefix = pathlib.Path(options.folder) / f"many-{options.documents}"
    if not prefix.with_suffix(".idx").exists():
        lengths = numpy.random.default_rng(1).integers(1, 2000, options.documents, numpy.int32)
        with open(prefix.with_suffix(".bin"), "wb") as file:
            file.truncate(2 * int(lengths.sum(dtype=numpy.int64)))
        write_lengths(prefix, lengths)
    return prefix


def write_lengths(prefix, lengths):
    """By the bytes of docs/formats/megatron.md; the .bin is there already."""
    count = len(lengths)
    offsets = numpy.concatenate([[0], numpy.cumsum(lengths[:-1], dtype=numpy.int64) * 2])
    partial = prefix.with_suffix(".partial")
    partial.write_bytes(
        b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, count, count + 1) + lengths.tobytes() +
        offsets.astype(numpy.int64).tobytes() +
        numpy.arange(count + 1, dtype=numpy.int64).tobytes())
    partial.rename(prefix.with_suffix(".idx"))


def measure_rates(options, prefix):
    children = {name: rounds.Child(CONTENDERS, name, prefix) for name in RATES}
    found = rounds.take_turns(children, options.rounds, options.seconds)
    for child in children.values():
        child.close()
    return found


def measure_starts(options, prefix):
    found = {name: [] for name in STARTS}
    for _ in range(options.rounds):
        for name in STARTS:
            child = rounds.Child(CONTENDERS, name, prefix)
            found[name].append(child.first)
            child.close()
    return found


def rate_rows(found):
    rates = {name: [each["items"] / each["wall_s"] / 1e6 for each in results]
             for name, results in found.items()}
    rows = []
    for name, results in found.items():
        base = {} if name in ("headrace", "memory copied") else {
            "of": "headrace", "base": rates["headrace"]}
        rows.append(rounds.row(name, rates[name], "M tokens/s", **base))
        rows.append(rounds.row(f"{name}: CPU", [each["cpu_s"] / each["items"] * 1e9
                                                for each in results], "ns/token"))
    return rows


def start_rows(found):
    rows = []
    for key, unit in (("prepare_s", "s"), ("grown_mb", "MB")):
        what = key.split("_")[0]
        theirs = [result[key] for result in found[STARTS[1]]]
        ours = [result[key] for result in found[STARTS[0]]]
        rows.append(rounds.row(f"{STARTS[0]}, {what}", ours, unit, of=f"{STARTS[1]}, {what}",
                               base=theirs))
        rows.append(rounds.row(f"{STARTS[1]}, {what}", theirs, unit))
    return rows


if __name__ == "__main__":
    main()
