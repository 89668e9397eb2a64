#!/usr/bin/env python3
"""What Python costs: a batch's way through the package, and the image loader beside headrace feed.

    ./run bench python [--rounds N] [--steps N] [--json FILE]

The first is the time of next() when the batch is there already; with torch's tensors where
$HEADRACE_TORCH names a Python that has torch (./run test --torch makes one). For the second both
read the same packed photographs with the same job, in turns, in processes of their own; rates and
CPU time leave the warm-up out, as long as feed takes it.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import rounds

OVERHEAD = """
import sys, time, headrace as hr
loader = hr.Loader(sys.argv[1], batch=1, prefetch=200, tensors=sys.argv[2], read_ahead="16M",
                   fields={"label": hr.integer("cls"), "again": hr.integer("cls")})
loop = iter(loader)
next(loop)
time.sleep(0.5)  # the loader is ahead then
for _ in range(20):  # a machine that wakes up takes up to 1 ms for the first of anything
    next(loop)
begin, cpu = time.perf_counter(), time.process_time()
for _ in range(100):
    next(loop)
print(100, time.perf_counter() - begin, time.process_time() - cpu)
"""
LOOP = """
import itertools, sys, time, headrace as hr
loader = hr.Loader.from_job(sys.argv[1], tensors="numpy")
batches = itertools.chain.from_iterable(itertools.repeat(loader))
for _ in range(int(sys.argv[2])):
    next(batches)
begin, cpu = time.perf_counter(), time.process_time()
count = sum(len(next(batches)["label"]) for _ in range(int(sys.argv[3])))
print(count, time.perf_counter() - begin, time.process_time() - cpu)
"""


def main():
    options = arguments()
    rows = overheads(options) + images(options)
    rounds.show("python", rows)
    if options.json:
        rounds.write_json(options.json, "python", rows)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.environ.get("HEADRACE_PACKED"))
    parser.add_argument("--headrace", default=os.environ.get("HEADRACE_COMMAND", "headrace"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=28)
    parser.add_argument("--json")
    return parser.parse_args()


def overheads(options):
    """Two tensors a batch, as pictures and labels are."""
    pythons = {"numpy": sys.executable, "dlpack": sys.executable}
    if os.environ.get("HEADRACE_TORCH"):
        pythons["torch"] = os.environ["HEADRACE_TORCH"]
    runs = {framework: [] for framework in pythons}
    for _ in range(options.rounds):
        for framework, python in pythons.items():
            runs[framework].append(timed(python, OVERHEAD, options.data, framework))
    return [row(f"next(), {framework}, 2 tensors", "us/batch", of, lambda run: 1e6 / rate(run))
            for framework, of in runs.items()]


def images(options):
    runs = {"headrace feed": [], "Python": []}
    with tempfile.TemporaryDirectory() as folder:
        job = pathlib.Path(folder) / "headrace.toml"
        job.write_text(f'preset = "imagenet"\n[dataset]\npath = "{options.data}"\n'
                       "[order]\nseed = 7\nepochs = 0\n[batch]\nsize = 256\n[loader]\nhold = 2\n")
        both = [("headrace feed", feed), ("Python", loop)]
        for _, run in both:
            run(job, options)  # warms the page cache, and feed says how many steps it counts
        for turn in range(options.rounds):
            for name, run in both if turn % 2 == 0 else reversed(both):
                runs[name].append(run(job, options))
    names = [f"{name}, imagenet preset" for name in runs]
    fed, looped = runs.values()
    return [row(names[0], "images/s", fed, rate),
            row(names[1], "images/s", looped, rate, of=names[0], base=list(map(rate, fed)))]


def feed(job, options):
    path = job.with_name("feed.json")
    subprocess.run([options.headrace, "feed", str(job), "--steps", str(options.steps), "--json",
                    str(path)], check=True, capture_output=True)
    window = json.loads(path.read_text())["window"]
    options.counted = window["steps"]
    return window["samples"], window["window_s"], window["cpu_s"]


def loop(job, options):
    return timed(sys.executable, LOOP, str(job), str(options.steps - options.counted),
                 str(options.counted))


def timed(python, code, *words):
    """(items, wall seconds, CPU seconds) that a program of its own has printed."""
    done = subprocess.run([python, "-c", code, *words], check=True, stdout=subprocess.PIPE,
                          text=True)
    return tuple(map(float, done.stdout.split()))


def rate(run):
    return run[0] / run[1]


def row(name, unit, runs, value_of, **base):
    return rounds.row(name, [value_of(run) for run in runs], unit, **base, **{
        "cpu_us_an_item": statistics.median(1e6 * run[2] / run[0] for run in runs)})


if __name__ == "__main__":
    main()
