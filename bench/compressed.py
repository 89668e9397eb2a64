#!/usr/bin/env python3
"""The same records stored plain and compressed, fed past the page cache: what compressing saves and
what unpacking costs on this machine and store.

    ./run bench compressed [--rounds N] [--megabytes N] [--folder DIR] [--json FILE]

Pixels are photographs decoded to 224 x 224 bytes of red, green and blue; texts are documents in
many scripts, 64 KiB a record. Contenders take turns, six epochs each, on all cores, by large reads
(window shuffle). Rates count plain bytes, so that they compare; CPU seconds are those of the whole
command.
"""
import argparse
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import rounds
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import texts  # noqa: E402

CODECS = ("none", "lz4", "zstd", "gzip")
SIDE, TEXT_BYTES = 224, 64 << 10
JOB = """
[dataset]
path = "{path}"
cache = "direct"
[order]
shuffle = "window"
epochs = 6
[batch]
size = 16
[[field]]
name = "{field}"
kind = "raw"
shape = [{size}]
"""


def main():
    options = arguments()
    rows = []
    for kind, records in (("pixels", pixels), ("texts", documents)):
        sets = prepare(pathlib.Path(options.folder) / f"{kind}-{options.megabytes}", kind, records,
                       options)
        found = {codec: [] for codec in CODECS}
        for turn in range(-1, options.rounds):  # the first warms up
            for codec in CODECS if turn % 2 else reversed(CODECS):
                result = fed(sets[codec], options.headrace)
                if turn >= 0:
                    found[codec].append(result)
        rows += rows_of(kind, sets, found)
    rounds.show("compressed", rows)
    if options.json:
        rounds.write_json(options.json, "compressed", rows)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", default=os.environ.get("HEADRACE_PHOTOS"))
    parser.add_argument("--folder", default=os.environ.get("HEADRACE_COMPRESSED"))
    parser.add_argument("--headrace", default=os.environ.get("HEADRACE_COMMAND", "headrace"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--json")
    return parser.parse_args()


def pixels(options):
    for path in sorted(pathlib.Path(options.photos).rglob("*.jpg")):
        yield Image.open(path).convert("RGB").resize((SIDE, SIDE)).tobytes()


def documents(_):
    left = b""
    for document in texts.texts(texts.cache_folder(), whole=True):
        left += document
        while len(left) >= TEXT_BYTES:
            yield left[:TEXT_BYTES]
            left = left[TEXT_BYTES:]


def prepare(folder, kind, records, options):
    """{codec: its folder, job and facts}; made once."""
    if not (folder / "done").exists():
        (folder / "plain").mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / "plain" / "all.tar", "w") as tar:
            taken = 0
            for number, record in enumerate(records(options)):
                if taken >= options.megabytes * 1e6:
                    break
                member = tarfile.TarInfo(f"{number:06}.{kind}")
                member.size = len(record)
                tar.addfile(member, io.BytesIO(record))
                taken += len(record)
        for codec in CODECS:
            subprocess.run([options.headrace, "pack", folder / "plain", folder / codec, "--quiet",
                            "--compress", codec, "--shard-size", "64M", "--json",
                            folder / f"{codec}.json"], check=True)
        (folder / "done").touch()
    size = SIDE * SIDE * 3 if kind == "pixels" else TEXT_BYTES
    sets = {}
    for codec in CODECS:
        job = folder / f"{codec}.toml"  # names the plain field, also where it is compressed
        job.write_text(JOB.format(path=folder / codec, field=kind, size=size))
        facts = json.loads((folder / f"{codec}.json").read_text())
        sets[codec] = {"job": job, "stored": facts["output_bytes"], "size": size}
    return sets


def fed(one, headrace):
    told = subprocess.run([headrace, "feed", one["job"], "--quiet", "--json", "-"], check=True,
                          capture_output=True, text=True)
    totals = json.loads(told.stdout)["totals"]
    plain = totals["samples"] * one["size"]
    return {"rate": plain / totals["wall_s"] / 1e6,
            "cpu": (totals["cpu_user_s"] + totals["cpu_system_s"]) / plain * 1e9}


def rows_of(kind, sets, found):
    base = [result["rate"] for result in found["none"]]
    rows = []
    for codec, results in found.items():
        cpu = sorted(result["cpu"] for result in results)[len(results) // 2]
        stored = sets[codec]["stored"] / sets["none"]["stored"]
        of = f"{kind}, none" if codec != "none" else None
        rows.append(rounds.row(f"{kind}, {codec}", [result["rate"] for result in results], "MB/s",
                               of, base, cpu_s_a_gb=cpu, stored_share=stored))
    return rows


if __name__ == "__main__":
    main()
