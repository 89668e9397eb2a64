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
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys

import numpy

HERE = pathlib.Path(__file__).resolve().parent
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
    for row in rows:
        ratio = f"  {row['ratio']['value']:.2f} of {row['ratio']['of']}" if "ratio" in row else ""
        print(f"{row['name']:44} {row['value']:12.2f} {row['unit']:14} "
              f"+-{100 * row['spread']:.1f} %{ratio}")
    if options.json:
        machine = {"cores": len(os.sched_getaffinity(0))}
        pathlib.Path(options.json).write_text(json.dumps(
            {"bench": "tokens", "machine": machine, "rows": rows}, indent=2) + "\n")


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


class Child:
    """A contender that waits to be told how long to run."""

    def __init__(self, name, prefix):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "contenders.py"), name, str(prefix)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.first = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[2]} ended: run {' '.join(self.process.args)} to see why")
        return json.loads(line)

    def run(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure_rates(options, prefix):
    children = {name: Child(name, prefix) for name in RATES}
    found = {name: [] for name in RATES}
    for turn in range(-1, options.rounds):
        order = RATES if turn % 2 == 0 else tuple(reversed(RATES))
        for name in order:
            result = children[name].run(options.seconds)
            if turn >= 0:  # the first warms up
                found[name].append(result)
    for child in children.values():
        child.close()
    return found


def measure_starts(options, prefix):
    found = {name: [] for name in STARTS}
    for _ in range(options.rounds):
        for name in STARTS:
            child = Child(name, prefix)
            found[name].append(child.first)
            child.close()
    return found


def rate_rows(found):
    rows = []
    for name, results in found.items():
        rates = [result["tokens_per_s"] / 1e6 for result in results]
        rows.append(row(name, rates, "M tokens/s"))
        if name not in ("headrace", "memory copied"):
            ours = [result["tokens_per_s"] / 1e6 for result in found["headrace"]]
            rows[-1]["ratio"] = {"of": "headrace", "value": statistics.median(
                one / other for one, other in zip(rates, ours))}
        rows.append(row(f"{name}: CPU", [result["cpu_ns_per_token"] for result in results],
                        "ns/token"))
    return rows


def start_rows(found):
    rows = []
    for key, unit in (("prepare_s", "s"), ("grown_mb", "MB")):
        theirs = [result[key] for result in found[STARTS[1]]]
        for name in STARTS:
            values = [result[key] for result in found[name]]
            rows.append(row(f"{name}, {key.split('_')[0]}", values, unit))
            if name == STARTS[0]:
                rows[-1]["ratio"] = {"of": f"{STARTS[1]}, {key.split('_')[0]}",
                                     "value": statistics.median(
                                         one / other for one, other in zip(values, theirs))}
    return rows


def row(name, values, unit):
    middle = statistics.median(values)
    spread = (max(values) - min(values)) / middle if middle else 0
    return {"name": name, "value": middle, "unit": unit, "spread": spread, "rounds": len(values)}


if __name__ == "__main__":
    main()
