"""What ./run bench peers shows: the terminal's table, RESULTS.md, and the chart's rows."""
import importlib.metadata
import os
import platform

import beside
import chart
import results
from contenders import CONTENDERS, DECODE, OURS

COMMAND = "./run bench peers --write"


def machine():
    return {"cpu_model": first_of("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "kernel": f"{platform.system()} {platform.release()}"}


def first_of(path, key):
    with open(path) as file:
        return next((line.partition(":")[2].strip() for line in file if line.startswith(key)), "")


def terminal(rounds, rows, absent):
    lines = [f"peers: medians of {len(rounds)} interleaved rounds",
             f"  {'':44} {'images/s':>9} {'spread':>7} {'CPU ms/image':>13} {'first s':>8}"
             f" {'RSS MB':>8} {'PSS MB':>8}"]
    for row in sorted(rows, key=lambda each: -each.rate):
        lines.append(f"  {row.contender.title:44} {row.rate:9.1f} {row.spread:7.1%}"
                     f" {row.cpu_ms:13.3f} {row.first_batch_s:8.2f} {row.rss_bytes / 1e6:8.0f}"
                     f" {row.pss_bytes / 1e6:8.0f}")
    lines += [f"  {name}: did not run: {why}" for name, why in absent.items()]
    lines += [f"  {what}: {reached} (wished: {wish}; {'reached' if held else 'not reached'})"
              for what, reached, wish, held in results.goals(rounds, rows)]
    return "\n".join(lines)


def page(options, rounds, rows, absent, others):
    this = machine()
    plain = [row for row in rows if row.contender.data == "folder"]
    return f"""# Headrace beside other loaders

Written by `{COMMAND}`; do not edit. JPEG files to float32 batches: decode, RandomResizedCrop to
224, flip, normalize, NCHW, {options.batch} a batch. Each contender has {options.cores} cores of
{this['cpu_model']} ({this['memory_bytes'] / 1e9:.0f} GB, {this['kernel']}), the same
photographs (`./run demo` makes them) in the page cache, and its own best settings (below).
Medians of {len(rounds)} interleaved rounds; in each, a contender is a new process that warms up
{options.warm_up_s:g} s and is measured for {options.seconds:g} s. Spread is (max - min) / median.
CPU and memory are those of all its processes: RSS sums their peaks, PSS counts a shared page once.
The first batch is timed from the start of the process.

![Images a second](results.svg)

## Each in the format that suits it best

{results.table(rows)}

## Plain folders of files, where nobody has an advantage of format

{results.table(plain)}

## Against the goals

Ratios are medians of the rounds' own ratios.

{goals(rounds, rows)}

{"".join(beside.section(other) + chr(10) for other in others)}## Settings

{settings(rows, absent)}
"""


def goals(rounds, rows):
    lines = ["| | reached | goal | |", "|---|---|---|---|"]
    lines += [f"| {what} | {reached} | {wish} | {'yes' if held else 'no'} |"
              for what, reached, wish, held in results.goals(rounds, rows)]
    return "\n".join(lines)


def settings(rows, absent):
    names = {row.name for row in rows} | set(absent)
    lines = []
    for each in CONTENDERS:
        if each.name in names:
            versions = ", ".join(f"{name} {version(name)}" for name in each.packages)
            lines.append(f"- **{each.title}**{f' ({versions})' if versions else ''}: {each.note}")
        if each.name in absent:
            lines.append(f"  Did not run here: {absent[each.name]}")
    return "\n".join(lines)


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def picture(rounds, rows):
    colors = {OURS: "ours", DECODE: "line"}
    return chart.bars(
        "Images a second, JPEG to float32 batch, on the same cores and files",
        f"Median of {len(rounds)} interleaved rounds; CPU milliseconds an image behind each bar",
        [(row.contender.title, row.rate, f"{row.rate:,.0f}, {row.cpu_ms:.2f} ms CPU",
          colors.get(row.contender.kind, "theirs"))
         for row in sorted(rows, key=lambda each: -each.rate)])
