#!/usr/bin/env python3
"""Loaders that end on a GPU, beside Headrace: samples a second, cores used, how idle the GPU was.

1. Interleaved: each round runs every contender once, in a process of its own, in turning order.
2. A contender that cannot run is named with its reason. Exit 2: there is no GPU, so none could.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import rounds  # noqa: E402
from contenders import CONTENDERS, main_threads  # noqa: E402
from steps import STEPS, idle_share  # noqa: E402

PICTURES, WIDTH, HEIGHT = 2048, 500, 375
CHECKED_S = 120  # for a contender's first batch


def main():
    options = parse()
    if options.serve:
        return serve(*options.serve, options)
    why_not = reason_without_gpu()
    if why_not:
        print(f"not run: {why_not}: {'; '.join(CONTENDERS)}")
        return 2
    folder = make_pictures(options.data)
    rows = compare(folder, options)
    rounds.show("gpu_peers", rows)
    if options.json:
        rounds.write_json(options.json, "gpu_peers", rows)
    return 0 if rows else 1


def parse():
    parser = argparse.ArgumentParser(prog="./run gpu-check --peers",
                                     description=__doc__.splitlines()[0],
                                     epilog="Example: ./run gpu-check --peers --rounds 3")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("gpu-peers-pictures"),
                        help="folder of pictures, which is made where it is not there")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--only", default="", help="contenders whose name begins so")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--serve", nargs=2, metavar=("CONTENDER", "STEP"), help=argparse.SUPPRESS)
    return parser.parse_args()


def reason_without_gpu():
    try:
        import torch
    except ImportError:
        return "PyTorch is not installed: pip install torch torchvision nvidia-dali-cuda130"
    return "" if torch.cuda.is_available() else "PyTorch finds no GPU"


def make_pictures(folder):
    """Smooth shapes with noise: some 90 KB each, as photographs of this size."""
    if list(folder.glob("*/*.jpg")):
        return folder
    import numpy
    from PIL import Image
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    random = numpy.random.default_rng(1)
    (folder / "all").mkdir(parents=True, exist_ok=True)
    for index in range(PICTURES):
        shape = (x * (index % 5 + 1) // 9 + y * y // (200 + index % 90)) % 150
        noise = random.integers(0, 40, (HEIGHT, WIDTH, 3))
        colors = shape[..., None] + numpy.array([0, 20, 40]) + noise
        Image.fromarray(colors.astype(numpy.uint8)).save(folder / "all" / f"{index:05}.jpg",
                                                         quality=92)
    return folder


def compare(folder, options):
    names = [name for name in CONTENDERS
             if name.startswith(options.only) and works(name, folder, options)]
    rows = []
    for step in STEPS:
        children = {name: child(name, step, folder, options) for name in names}
        found = rounds.take_turns(children, options.rounds, options.seconds)
        for each in children.values():
            each.close()
        rows += rows_of(step, found)
    return rows


def command(name, step, folder, options):
    return [str(HERE / "peers.py"), "--serve", name, step, "--data", str(folder),
            "--batch", str(options.batch), "--cores", str(options.cores)]


def child(name, step, folder, options):
    program, *words = command(name, step, folder, options)
    return rounds.Child(program, *words)


def works(name, folder, options):
    """Its first batch comes; else its last words are shown."""
    try:
        ran = subprocess.run([sys.executable, *command(name, "no step", folder, options)],
                             input="", text=True, capture_output=True, timeout=CHECKED_S)
    except subprocess.TimeoutExpired:
        print(f"not run: {name}: no batch in {CHECKED_S} s")
        return False
    if ran.returncode == 0 and ran.stdout.strip():
        return True
    words = ran.stderr.strip().splitlines() or ["no reason given"]
    print(f"not run: {name}: {words[-1]}")
    return False


def rows_of(step, found):
    rates = {name: [each["items"] / each["wall_s"] for each in answers]
             for name, answers in found.items()}
    base = next((name for name in rates if name == "DALI, mixed"), next(iter(rates), None))
    return [rounds.row(f"{name}, {step}", rates[name], "samples/s",
                       of=f"{base}, {step}", base=rates[base],
                       cores=statistics.median(each["cpu_s"] / each["wall_s"] for each in answers),
                       gpu_idle=statistics.median(each["idle"] for each in answers))
            for name, answers in found.items()]


def serve(name, step, options):
    """A contender's process: a line of seconds in, a line of figures out."""
    main_threads()
    import torch
    batches = CONTENDERS[name](options.data, options.batch, options.cores)
    work = STEPS[step](torch, options.batch)
    work(next(batches))
    torch.cuda.synchronize()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(window(torch, batches, work, float(line))), flush=True)
    return 0


def window(torch, batches, work, seconds):
    marks, items = [], 0
    begin_s, begin_cpu_s = time.perf_counter(), rounds.cpu_seconds()
    while time.perf_counter() - begin_s < seconds:
        images = next(batches)
        pair = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        pair[0].record()
        work(images)
        pair[1].record()
        marks.append(pair)
        items += len(images)
        if len(marks) > 2:  # as a trainer that reads its loss: no more than two steps ahead
            marks[-3][1].synchronize()
    torch.cuda.synchronize()
    passed_s = time.perf_counter() - begin_s
    return {"items": items, "wall_s": passed_s, "cpu_s": rounds.cpu_seconds() - begin_cpu_s,
            "idle": idle_share(marks)}


if __name__ == "__main__":
    sys.exit(main())
