"""./run bench peers --stall: what a trainer feels when its loader is replaced.

The step length is that at which torch leaves an emulated accelerator waiting 30 % of the time; the
same step is then fed by Headrace, interleaved. The chart shows the median round of each.
"""
import json
import pathlib
import statistics

import chart
import measure
import rig
import write
from contenders import chosen

WISHED_WAIT_SHARE = 0.3
THEIRS, OURS = "torchvision-pillow", "headrace"
SHOWN_S = 6
CHART = pathlib.Path("docs/images/stall.svg")


def run(options):
    theirs, ours = chosen([THEIRS])[0], chosen([OURS])[0]
    unhindered = statistics.median(
        rig.one_sample(options, theirs).rate for _ in range(min(2, options.rounds)))
    options.step_ms = 1e3 * (1 - WISHED_WAIT_SHARE) * options.batch / unhindered
    options.seconds = max(options.seconds, SHOWN_S)
    samples = {THEIRS: [], OURS: []}
    for number in range(options.rounds):
        for contender in (theirs, ours) if number % 2 == 0 else (ours, theirs):
            rig.say(f"round {number + 1} of {options.rounds}: {contender.name}")
            samples[contender.name].append(rig.one_sample(options, contender))
    rows = [Row(contender, samples[contender.name], options) for contender in (theirs, ours)]
    for row in rows:
        print(f"{row.contender.title}: {row.words}")
    print(f"step {options.step_ms:.0f} ms; CPU time an image: Headrace takes"
          f" {rows[1].cpu_ms / rows[0].cpu_ms:.2f} of torch's")
    if options.json:
        rig.write_text(options.json, json.dumps(json_form(options, rows)))
    if options.write:
        (options.root / CHART).parent.mkdir(exist_ok=True)
        rig.write_text(options.root / CHART, picture(options, rows))
    return 0


class Row:
    def __init__(self, contender, samples, options):
        self.contender, self.samples = contender, samples
        self.shares = [sum(each.waits_ms) / 1e3 / each.wall_s for each in samples]
        self.wait_share = statistics.median(self.shares)
        self.cpu_ms = statistics.median(each.cpu_ms for each in samples)
        self.cores = statistics.median(each.cpu_s / each.wall_s for each in samples)
        self.rate = statistics.median(each.rate for each in samples)
        self.words = (f"waits {self.wait_share:.1%} of the time ({min(self.shares):.1%} to"
                      f" {max(self.shares):.1%}), {self.rate:,.0f} images/s,"
                      f" {self.cores:.2f} of {options.cores} cores busy")

    def median_sample(self):
        return min(zip(self.shares, self.samples),
                   key=lambda pair: abs(pair[0] - self.wait_share))[1]


def picture(options, rows):
    return chart.strips(
        f"The same training step of {options.step_ms:.0f} ms, fed by two loaders",
        f"{options.batch} photographs a batch, {options.cores} cores; {SHOWN_S} s of the median of"
        f" {options.rounds} interleaved rounds; the accelerator is emulated",
        [(row.contender.title, row.words,
          [(wait_ms / 1e3, options.step_ms / 1e3) for wait_ms in row.median_sample().waits_ms])
         for row in rows], SHOWN_S)


def json_form(options, rows):
    return {"bench": "stall", "machine": write.machine(), "step_ms": options.step_ms,
            "rows": [{"name": row.contender.name, "value": row.wait_share, "unit": "wait share",
                      "spread": max(row.shares) - min(row.shares), "rounds": options.rounds,
                      "cpu_us_an_item": row.cpu_ms * 1e3, "cores_busy": row.cores,
                      "ratio": {"of": THEIRS, "value": row.cpu_ms / rows[0].cpu_ms}}
                     for row in rows]}
