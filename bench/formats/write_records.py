"""What formats.py reads, by the formats' own packages: write_records.py FOLDER KIND, where the tars
lie in the folder already."""
import json
import pathlib
import random
import sys
import tarfile

import pyarrow
import pyarrow.parquet

FOLDER = pathlib.Path(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEXT = 4 << 10  # the longest


def main():
    {"parquet": parquet, "jsonl": json_lines, "npz": npz, "safetensors": tensors, "arrow": arrow,
     "lmdb": records_of_lmdb, "sqlite": table}[sys.argv[2]]()


def records():
    """Each tar's name and its samples."""
    for path in sorted((FOLDER / "tar").glob("*.tar")):
        rows = []
        with tarfile.open(path) as tar:
            for member in tar:
                body = tar.extractfile(member).read()
                if member.name.endswith(".bin"):
                    rows.append({"bin": body})
                else:
                    rows[-1]["cls"] = int(body)
        yield path.stem, rows


def place(kind):
    (FOLDER / kind).mkdir(exist_ok=True)
    return FOLDER / kind


def npz():
    """A file a sample, as savez writes it."""
    import numpy
    for stem, rows in records():
        for number, row in enumerate(rows):
            numpy.savez(place("npz") / f"{stem}-{number:05}.npz", cls=numpy.int64(row["cls"]),
                        bin=numpy.frombuffer(row["bin"], numpy.uint8))


def tensors():
    import numpy
    import safetensors.numpy
    for stem, rows in records():
        safetensors.numpy.save_file(
            {"bin": numpy.stack([numpy.frombuffer(row["bin"], numpy.uint8) for row in rows]),
             "cls": numpy.array([row["cls"] for row in rows])},
            place("safetensors") / f"{stem}.safetensors")


def arrow():
    """A stream a file, as Hugging Face's save_to_disk writes it."""
    for stem, rows in records():
        data = pyarrow.Table.from_pylist(rows)
        with pyarrow.ipc.new_stream(place("arrow") / f"{stem}.arrow", data.schema) as stream:
            stream.write_table(data, max_chunksize=100)


def records_of_lmdb():
    import lmdb
    with lmdb.open(str(FOLDER / "lmdb"), map_size=4 << 30) as base:
        for stem, rows in records():
            with base.begin(write=True) as change:
                for number, row in enumerate(rows):
                    change.put(f"{stem}-{number:05}".encode(), row["bin"])


def table():
    import sqlite3
    base = sqlite3.connect(place("sqlite") / "records.sqlite")
    base.execute("create table records (id integer primary key, bin blob, cls integer)")
    for _, rows in records():
        base.executemany("insert into records (bin, cls) values (:bin, :cls)", rows)
    base.commit()
    base.close()


def parquet():
    """As Hugging Face's datasets writes pictures: Snappy, row groups of 100."""
    (FOLDER / "parquet").mkdir(exist_ok=True)
    size = 0
    for stem, rows in records():
        size += sum(len(row["bin"]) for row in rows)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows),
                                    FOLDER / "parquet" / f"{stem}.parquet",
                                    compression="snappy", row_group_size=100)
    (FOLDER / "parquet.bytes").write_text(str(size))


def json_lines():
    """Pieces of 1 to 4 KiB of this checkout's sources and pages, in any order."""
    (FOLDER / "jsonl").mkdir(exist_ok=True)
    draws = random.Random(3)
    text = "".join(path.read_text() for path in sorted([*ROOT.rglob("*.cc"), *ROOT.rglob("*.md")])
                   if "build" not in path.parts)
    size = 0
    for shard in range(4):
        with open(FOLDER / "jsonl" / f"{shard}.jsonl", "w") as file:
            for number in range(15_000):
                at = draws.randrange(len(text) - TEXT)
                piece = text[at:at + draws.randrange(TEXT // 4, TEXT - 100)]
                size += len(piece.encode())
                json.dump({"id": f"{shard}-{number}", "text": piece, "cls": number,
                           "meta": {"at": at, "share": at / len(text)}}, file)
                file.write("\n")
    (FOLDER / "jsonl.bytes").write_text(str(size))


if __name__ == "__main__":
    main()
