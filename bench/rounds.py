"""What benchmarks in Python share: contenders in turns, each in a process of its own, and the
table and the JSON that all benchmarks have (headrace/bench/table.h).

A contender calls serve(batches) with a generator that yields how many items each batch has. Ratios
are medians of the rounds' own ratios.
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time


class Child:
    """A contender that waits to be told how long to run."""

    def __init__(self, program, *words, python=sys.executable):
        self.command = [python, str(program), *map(str, words)]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.first = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.command[2]} ended: run {' '.join(self.command)} to see why")
        return json.loads(line)

    def run(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def take_turns(children, rounds, seconds):
    """{name: its answers}; a round more comes first and warms up."""
    found = {name: [] for name in children}
    for turn in range(-1, rounds):
        for name in children if turn % 2 == 0 else reversed(children):
            result = children[name].run(seconds)
            if turn >= 0:
                found[name].append(result)
    return found


def serve(batches, before=lambda: None, **facts):
    """The contender's side: warms up by a batch, then runs as long as each line says; `before`
    tidies up before each of these windows, unmeasured."""
    next(batches)
    say({"ready": True, **facts})
    for line in sys.stdin:
        before()
        say(timed(batches, float(line)))


def say(answer):
    print(json.dumps(answer), flush=True)


def timed(batches, seconds):
    begin, begin_cpu, items = time.perf_counter(), cpu_seconds(), 0
    while (passed := time.perf_counter() - begin) < seconds:
        items += next(batches)
    return {"items": items, "wall_s": passed, "cpu_s": cpu_seconds() - begin_cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def cpu_seconds():
    """Of this process and those of its workers that live."""
    ticks = 0
    for task in [os.getpid(), *children_of(os.getpid())]:
        try:
            fields = pathlib.Path(f"/proc/{task}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children_of(process):
    listed = []
    for path in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        listed += [int(child) for child in path.read_text().split()]
    return listed


def row(name, values, unit, of=None, base=None, **more):
    """`of` names the row whose values, `base`, this one's are divided by."""
    middle = statistics.median(values)
    spread = (max(values) - min(values)) / middle if middle else 0
    made = {"name": name, "value": middle, "unit": unit, "spread": spread, "rounds": len(values),
            **more}
    if of is not None:
        made["ratio"] = {"of": of, "value": statistics.median(
            one / other for one, other in zip(values, base))}
    return made


def show(bench, rows):
    print(f"{bench:60} {'median':>12} {'unit':16} spread")
    for each in rows:
        more = "".join(f"  {value:.3f} {key}" for key, value in each.items()
                       if key not in ("name", "value", "unit", "spread", "rounds", "ratio"))
        if "ratio" in each:
            more += f"  {each['ratio']['value']:.3f} of {each['ratio']['of']}"
        print(f"{each['name']:60} {each['value']:12.2f} {each['unit']:16} "
              f"{100 * each['spread']:5.1f} %{more}")


def write_json(path, bench, rows):
    machine = {"cores": len(os.sched_getaffinity(0))}
    pathlib.Path(path).write_text(json.dumps(
        {"bench": bench, "machine": machine, "rows": rows}, indent=2) + "\n")
