#!/usr/bin/env python3
"""What Python costs: a batch's way through the package, and the image loader beside headrace feed.

    ./run bench python [--rounds N] [--steps N] [--json FILE]

The first is the time of next() when the batch is there already. For the second both read the same
packed photographs with the same job, in turns; rates leave the first batch out.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import headrace as hr


def main():
    options = arguments()
    rows = [overhead(options.data, framework, options.rounds)
            for framework in ("numpy", "dlpack")]
    rows += images(options)
    for row in rows:
        ratio = f"  {row['ratio']['value']:.3f} of {row['ratio']['of']}" if "ratio" in row else ""
        print(f"{row['name']:34} {row['value']:10.1f} {row['unit']}  +-{row['spread']:.1f}{ratio}")
    if options.json:
        machine = {"cores": len(os.sched_getaffinity(0))}
        pathlib.Path(options.json).write_text(json.dumps(
            {"bench": "python", "machine": machine, "rows": rows}, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.environ.get("HEADRACE_PACKED"))
    parser.add_argument("--headrace", default=os.environ.get("HEADRACE_COMMAND", "headrace"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--json")
    return parser.parse_args()


def overhead(data, framework, rounds):
    """Two tensors a batch, as pictures and labels are; the loader is ahead of the reader."""
    times_us = []
    for _ in range(rounds):
        loader = hr.Loader(data, batch=1, prefetch=200, tensors=framework, read_ahead="16M",
                           fields={"label": hr.integer("cls"), "again": hr.integer("cls")})
        loop = iter(loader)
        next(loop)
        time.sleep(0.5)
        begin = time.perf_counter()
        for _ in range(100):
            next(loop)
        times_us.append((time.perf_counter() - begin) * 1e4)
    return row(f"next(), {framework}, 2 tensors", times_us, "us/batch")


def images(options):
    rates = {"headrace feed": [], "Python": []}
    with tempfile.TemporaryDirectory() as folder:
        job = pathlib.Path(folder) / "headrace.toml"
        job.write_text(hr.Loader(options.data, batch=256, seed=7, fields="imagenet").job)
        for turn in range(options.rounds):
            both = [("headrace feed", feed), ("Python", loop)]
            for name, run in both if turn % 2 == 0 else reversed(both):
                rates[name].append(run(job, options))
    rows = [row(f"{name}, imagenet preset", values, "images/s") for name, values in rates.items()]
    within = [ours / theirs for ours, theirs in zip(rates["Python"], rates["headrace feed"])]
    rows[1]["ratio"] = {"of": rows[0]["name"], "value": statistics.median(within)}
    return rows


def feed(job, options):
    path = job.with_name("feed.json")
    subprocess.run([options.headrace, "feed", str(job), "--steps", str(options.steps), "--json",
                    str(path)], check=True, capture_output=True)
    totals = json.loads(path.read_text())["totals"]
    return (totals["samples"] - 256) / (totals["wall_s"] - totals["first_batch_s"])


def loop(job, options):
    """In a process of its own, as `headrace feed` is."""
    code = ("import sys, time, headrace as hr\n"
            "batches = iter(hr.Loader.from_job(sys.argv[1], tensors='numpy'))\n"
            "next(batches); begin = time.perf_counter()\n"
            "count = sum(len(next(batches)['label']) for _ in range(int(sys.argv[2]) - 1))\n"
            "print(count / (time.perf_counter() - begin))")
    done = subprocess.run([sys.executable, "-c", code, str(job), str(options.steps)], check=True,
                          capture_output=True, text=True)
    return float(done.stdout)


def row(name, values, unit):
    return {"name": name, "value": statistics.median(values), "unit": unit,
            "spread": (max(values) - min(values)) / 2, "rounds": len(values)}


if __name__ == "__main__":
    main()
