#!/usr/bin/env python3
"""Lists and numbers as the formats' own packages write them, as the tensors of docs/arrays.md.

Usage: record_lists.py HEADRACE. Runs the cases whose package this Python has (pyarrow, tfrecord,
streaming); exits 77 without NumPy.
"""
import importlib.util
import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

HEADRACE = sys.argv[1]


def main():
    if importlib.util.find_spec("numpy") is None:
        print("skipped: needs NumPy")
        return 77
    for case, package in CASES:
        if package and importlib.util.find_spec(package) is None:
            print(f"left out: {case.__name__} needs {package}")
            continue
        with tempfile.TemporaryDirectory(prefix="headrace-lists-") as folder:
            case(pathlib.Path(folder))
        print(f"passed: {case.__name__}")
    return 0


def run(*arguments):
    done = subprocess.run([HEADRACE, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"


LISTS = [{"ids": [7, -1, 2 ** 40], "boxes": [[1, 2.5], [3, -4]], "score": 0.25,
          "words": ["a", "bcd"]},
         {"ids": [5], "boxes": [], "score": None, "words": ["\N{GREEK SMALL LETTER ALPHA}"]},
         {"ids": [], "boxes": [[9, 8]], "score": -1.5, "words": []},
         {"ids": list(range(-300, 300)), "boxes": [[1, 1]] * 3, "score": 3.0, "words": ["x"] * 3}]
LIST_FIELDS = """
[dataset]
path = "{source}"
[order]
shuffle = "none"
[batch]
size = 100
[[field]]
name = "numbers"
from = "ids"
kind = "array"
type = "int64"
ragged = "offsets"
max_length = 600
[[field]]
name = "boxes"
kind = "array"
type = "float32"
shape = [2]
ragged = "pad"
max_length = 3
fill = -7
[[field]]
name = "score"
kind = "array"
type = "float32"
missing = "fill"
fill = -9
[[field]]
name = "words"
kind = "strings"
shape = [4]
ragged = "pad"
max_length = 3
"""


def fed(folder, text):
    import numpy
    folder.mkdir(exist_ok=True)
    (folder / "job.toml").write_text(text)
    run("feed", folder / "job.toml", "--dump", folder / "dump", "--quiet")
    return {path.name.split(".")[1]: numpy.load(path) for path in (folder / "dump").glob("*.npy")}


def expect_lists(source, folder, form=LIST_FIELDS, rows=LISTS):
    """The rows, however they are stored, as the tensors of a batch."""
    got = fed(folder, form.replace("{source}", str(source)))
    ends = [0]
    for row in rows:
        ends.append(ends[-1] + len(row["ids"]))
    wanted = {"numbers": [one for row in rows for one in row["ids"]],
              "numbers_offsets": ends,
              "boxes": [row["boxes"] + [[-7, -7]] * (3 - len(row["boxes"])) for row in rows],
              "boxes_lengths": [len(row["boxes"]) for row in rows],
              "score": [-9 if row["score"] is None else row["score"] for row in rows],
              "words": [[list(word.encode().ljust(4, b"\0"))
                         for word in (row["words"] + [""] * 3)[:3]] for row in rows],
              "words_lengths": [len(row["words"]) for row in rows]}
    for name, tensor in got.items():
        assert name == "ids" or tensor.tolist() == wanted[name], (name, tensor, wanted[name])
    assert got.keys() == wanted.keys() | {"ids"}


def tfrecord_lists(folder):
    import tfrecord
    writer = tfrecord.TFRecordWriter(str(folder / "a.tfrecord"))
    for row in LISTS:
        words = [word.encode() for word in row["words"]]
        features = {"ids": (row["ids"], "int"), "boxes": (sum(row["boxes"], []), "float"),
                    "words": (words, "byte"), "none": (b"", "byte")}
        if row["score"] is not None:
            features["score"] = (row["score"], "float")
        writer.write(features)
    writer.close()
    expect_lists(folder / "a.tfrecord", folder)


def pyarrow_lists(folder):
    """Lists in every layout; with nulls in them and lists of lists they come as JSON."""
    import pyarrow
    import pyarrow.parquet
    floats = pyarrow.float32()
    schemas = [[("ids", pyarrow.list_(pyarrow.int64())),
                ("boxes", pyarrow.list_(pyarrow.list_(floats, 2) if nested else floats)),
                ("score", pyarrow.float64()), ("words", pyarrow.large_list(pyarrow.string()))]
               for nested in (False, True)]
    layouts = [{"compression": "none"}, {"compression": "none", "use_dictionary": False},
               {}, {"data_page_version": "2.0", "data_page_size": 64, "compression": "zstd"},
               {"row_group_size": 2, "use_dictionary": False}]
    for number, layout in enumerate(layouts):
        nested = number % 2 == 1
        rows = LISTS if nested else [{**row, "boxes": sum(row["boxes"], [])} for row in LISTS]
        table = pyarrow.Table.from_pylist(rows, pyarrow.schema(schemas[nested]))
        path = folder / f"{number}.parquet"
        pyarrow.parquet.write_table(table, path, **layout)
        expect_lists(path, folder / f"{number}")
    kinds = {"i8": pyarrow.int8(), "u16": pyarrow.uint16(), "bool": pyarrow.bool_(),
             "f64": pyarrow.float64(), "u32": pyarrow.uint32()}
    values = {name: [[0, 1], None, [1, None]] for name in kinds}
    values |= {"u32": [[2 ** 32 - 1], [], [3]], "bool": [[False, True], None, [True, None]]}
    table = pyarrow.table({name: pyarrow.array(values[name], pyarrow.list_(kind))
                           for name, kind in kinds.items()})
    pyarrow.parquet.write_table(table, folder / "kinds.parquet")
    got = fed(folder / "kinds", f'dataset.path = "{folder}/kinds.parquet"\norder.shuffle = "none"\n'
              + "".join(f'[[field]]\nname = "{name}"\nkind = "array"\ntype = "int64"\nfill = 9\n'
                        'ragged = "pad"\nmax_length = 2\nmissing = "fill"\n'
                        for name in kinds if name != "f64"))
    for name in ("i8", "u16", "bool"):
        assert got[name].tolist() == [[0, 1], [9, 9], [1, 9]], got
        assert got[name + "_lengths"].tolist() == [2, 0, 2], got
    assert got["u32"].tolist() == [[2 ** 32 - 1, 9], [9, 9], [3, 9]], got
    (folder / "bad.toml").write_text(
        f'dataset.path = "{folder}/kinds.parquet"\n[[field]]\nname = "f64"\nkind = "array"\n'
        'type = "int64"\nragged = "pad"\nmax_length = 2\nmissing = "fill"\n')
    done = subprocess.run([HEADRACE, "feed", folder / "bad.toml"], capture_output=True, text=True)
    assert done.returncode == 3, done
    for part in ("kinds.parquet, row group 0, row 0", "field f64 of f64.f64", "declared type"):
        assert part in done.stderr, done.stderr


def json_lists(folder):
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in LISTS))
    expect_lists(folder / "a.jsonl", folder)


def npy_lists(folder):
    """Of a tar: an array a member, and all of them in one JSON object."""
    import numpy
    with tarfile.open(folder / "a.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
        for number, row in enumerate(LISTS):
            boxes = io.BytesIO()
            numpy.save(boxes, numpy.array(row["boxes"], numpy.float64).reshape(-1, 2))
            for name, body in (("boxes.npy", boxes.getvalue()),
                               ("json", json.dumps({"a": row}).encode())):
                member = tarfile.TarInfo(f"{number}.{name}")
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
    form = LIST_FIELDS.replace('name = "boxes"', 'name = "boxes"\nfrom = "boxes.npy"')
    for name in ("score", "words"):
        form = form.replace(f'name = "{name}"',
                            f'name = "{name}"\nfrom = "json"\nmember = "a.{name}"')
    form = form.replace('from = "ids"', 'from = "json"\nmember = "a.ids"')
    expect_lists(folder / "a.tar", folder, form=form)


def streaming_lists(folder):
    """MDS's arrays hold one element at least."""
    import numpy
    import streaming
    columns = {"boxes": "ndarray:float32", "ids": "ndarray", "score": "float64", "words": "json"}
    rows = [row for row in LISTS if row["ids"] and row["boxes"]]
    with streaming.MDSWriter(out=str(folder / "mds"), columns=columns) as writer:
        for row in rows:
            writer.write({**row, "boxes": numpy.array(row["boxes"], numpy.float32),
                          "ids": numpy.array(row["ids"], numpy.int64)})
    expect_lists(folder / "mds", folder, rows=rows)


CASES = [(json_lists, ""), (npy_lists, "numpy"), (pyarrow_lists, "pyarrow"),
         (tfrecord_lists, "tfrecord"), (streaming_lists, "streaming")]


if __name__ == "__main__":
    sys.exit(main())
