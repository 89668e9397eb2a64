"""The Parquet and JSON lines of formats.py: write_records.py FOLDER, which has the tars already."""
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
    parquet()
    json_lines()


def parquet():
    """As Hugging Face's datasets writes pictures: Snappy, row groups of 100."""
    (FOLDER / "parquet").mkdir(exist_ok=True)
    size = 0
    for path in sorted((FOLDER / "tar").glob("*.tar")):
        rows = []
        with tarfile.open(path) as tar:
            for member in tar:
                body = tar.extractfile(member).read()
                if member.name.endswith(".bin"):
                    rows.append({"bin": body})
                    size += len(body)
                else:
                    rows[-1]["cls"] = int(body)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows),
                                    FOLDER / "parquet" / f"{path.stem}.parquet",
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
