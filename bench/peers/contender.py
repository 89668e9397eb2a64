#!/usr/bin/env python3
"""One Python loader as a contender: a process of its own that makes batches and measures a window.

It prints the lines that measure.py reads, the same as peer_headrace.cc: "first" when its first
batch is there, what that batch looks like, "begin" after warming up, "end" and the window's
figures; then it waits, so that its memory can be read. One thread consumes.
"""
import argparse
import importlib
import json
import pathlib
import sys
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loader", help="a module of loaders/")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--prepare-from", type=pathlib.Path, metavar="PHOTOS",
                        help="make the loader's own format from this folder at DATA, and end")
    parser.add_argument("--variant", default="", help="of the loader, as its module names it")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--warm-up-s", type=float, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--step-ms", type=float, default=0)
    options = parser.parse_args()
    loader = importlib.import_module(f"loaders.{options.loader}")
    if options.prepare_from:
        loader.prepare(options.prepare_from, options.data)
        return
    measure(loader.batches(options), options)


def measure(batches, options):
    batch = next(batches)
    say("first")
    say(json.dumps(look(batch)))
    del batch
    consume(batches, options.warm_up_s, options.step_ms)
    say("begin")
    window = consume(batches, options.seconds, options.step_ms)
    say("end")
    say(json.dumps(window))
    sys.stdin.readline()


def look(batch):
    import numpy
    images = numpy.asarray(batch)
    means = images.mean(axis=(0, 2, 3), dtype=numpy.float64)
    return {"shape": list(images.shape), "type": str(images.dtype), "mean": means.tolist()}


def consume(batches, seconds, step_ms):
    """Waits for batches and then computes for step_ms, until the time is up."""
    images, waits_ms = 0, []
    begin_s = time.monotonic()
    while time.monotonic() - begin_s < seconds:
        wait_s = time.monotonic()
        images += len(next(batches))
        waits_ms.append((time.monotonic() - wait_s) * 1e3)
        if step_ms:
            time.sleep(step_ms / 1e3)
    return {"images": images, "wall_s": time.monotonic() - begin_s, "waits_ms": waits_ms}


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # A loader's threads and workers may not end by themselves; what was asked for is printed.
    import os
    os._exit(0)
