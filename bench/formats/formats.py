#!/usr/bin/env python3
"""Formats read from front to back, ours beside the packages that they come from.

    ./run bench formats [--only tar,cold,tfrecord,mds,parquet,jsonl,npz,safetensors,arrow,lmdb,
                        sqlite] [--rounds N] [--seconds S] [--megabytes N] [--json FILE]

Ours without a word behind it has all settings as they are by default (a map, for what lies in the
page cache); "page" reads through the page cache and compares checksums at each use.

The same records everywhere, with the page cache warm but for "cold": 112 KiB of a photograph's
bytes and a class number (as many bytes as MLPerf's ResNet-50 records have), or texts. Every
contender is a process with all cores to itself, and hands each field's bytes to its caller; rates
are of those bytes, CPU seconds those of the whole process tree.
"""
import argparse
import io
import os
import pathlib
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import rounds  # noqa: E402

RECORD = 112 << 10
SHARDS = 4
# Of each format; ratios are ours to each of the others.
CONTENDERS = {
    "tar": ("headrace tar", "headrace tar, page", "webdataset", "SPDL iter_tarfile",
            "SPDL iter_tarfile, views"),
    "cold": ("headrace tar, direct", "direct reads"),
    "tfrecord": ("headrace tfrecord, page", "tf.data, checksums"),
    "mds": ("headrace mds, page", "Streaming"),
    "parquet": ("headrace parquet, page", "headrace parquet, first opening",
                "pyarrow dataset scanner"),
    "jsonl": ("headrace jsonl", "headrace jsonl, page", "headrace jsonl, first opening",
              "orjson, 2 processes"),
    "npz": ("headrace npz, page", "numpy.load"),
    "safetensors": ("headrace safetensors, page", "safetensors load_file"),
    "arrow": ("headrace arrow, page", "pyarrow rows"),
    "lmdb": ("headrace lmdb", "headrace lmdb, page", "lmdb cursor"),
    "sqlite": ("headrace sqlite, page", "sqlite3 rows"),
}
MORE = ("npz", "safetensors", "arrow", "lmdb", "sqlite")  # written when they are first asked for
PEERS = ("tar", "cold", "tfrecord", "mds")  # whose packages are those of ./run bench peers


def main():
    options = arguments()
    data = prepare(options)
    rows = []
    for kind in options.only.split(","):
        python = sys.executable if kind in PEERS else options.records_python
        children = {name: rounds.Child(HERE / "contenders.py", name, data, python=python)
                    for name in CONTENDERS[kind]}
        rows += rows_of(rounds.take_turns(children, options.rounds, options.seconds))
        for child in children.values():
            child.close()
    rounds.show("formats", rows)
    if options.json:
        rounds.write_json(options.json, "formats", rows)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", default=os.environ.get("HEADRACE_PHOTOS"))
    parser.add_argument("--folder", default=os.environ.get("HEADRACE_FORMATS"))
    parser.add_argument("--records-python", default=os.environ.get("HEADRACE_RECORDS"))
    parser.add_argument("--headrace", default=os.environ.get("HEADRACE_COMMAND", "headrace"))
    parser.add_argument("--only", default=",".join(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--megabytes", type=int, default=480)
    parser.add_argument("--json")
    return parser.parse_args()


def rows_of(found):
    rates = {name: [each["items"] / each["wall_s"] / 1e6 for each in results]
             for name, results in found.items()}
    ours = [name for name in rates if name.startswith("headrace")]
    rows = []
    for name, values in rates.items():
        cpu = [each["cpu_s"] / each["items"] * 1e9 for each in found[name]]
        more = {"cpu_s_a_gb": sorted(cpu)[len(cpu) // 2],
                "peak_mb": found[name][-1]["peak_mb"]}
        rows.append(rounds.row(name, values, "MB/s", **more))
    for other in [name for name in rates if name not in ours]:
        for name in ours:
            rows.append(rounds.row(f"{name} / {other}", [
                one / base for one, base in zip(rates[name], rates[other])], "times"))
    return rows


def prepare(options):
    """The records in every format, made once; what is no tar by our own pack."""
    folder = pathlib.Path(options.folder) / f"records-{options.megabytes}"
    done = folder / "done"
    if not done.exists():
        write_first(options, folder)
        done.touch()
    for kind in [kind for kind in MORE if kind in options.only.split(",")]:
        if (folder / f"{kind}.done").exists():
            continue
        subprocess.run([options.records_python, HERE / "write_records.py", folder, kind],
                       check=True)
        (folder / f"{kind}.done").touch()
    return folder


def write_first(options, folder):
    for kind in ("tar", "mds"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    records = list(read_records(options))
    share = -(-len(records) // SHARDS)
    for shard in range(SHARDS):
        with tarfile.open(folder / "tar" / f"{shard:02}.tar", "w") as tar:
            for number in range(shard * share, min((shard + 1) * share, len(records))):
                for name, body in (("bin", records[number]), ("cls", b"%d" % (number % 1000))):
                    member = tarfile.TarInfo(f"{number:06}.{name}")
                    member.size = len(body)
                    tar.addfile(member, io.BytesIO(body))
    for kind in ("tfrecord", "mds"):
        subprocess.run([options.headrace, "pack", folder / "tar", folder / kind, "--format", kind,
                        "--order", "as-is", "--recode", "off", "--shard-size", "128M", "--quiet"],
                       check=True)
    for kind in ("parquet", "jsonl"):
        subprocess.run([options.records_python, HERE / "write_records.py", folder, kind],
                       check=True)


def read_records(options):
    left, taken = b"", 0
    for path in sorted(pathlib.Path(options.photos).rglob("*.jpg")):
        left += path.read_bytes()
        while len(left) >= RECORD:
            yield left[:RECORD]
            left, taken = left[RECORD:], taken + RECORD
        if taken >= options.megabytes * 1e6:
            return


if __name__ == "__main__":
    main()
