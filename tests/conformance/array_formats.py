"""Arrays, tables and record stores against their own packages: numpy, safetensors, lmdb, pyarrow,
sqlite3, litdata.

Usage: array_formats.py HEADRACE. Runs the cases whose package this Python has and says which it
leaves out. What litdata once wrote lies in written/litdata; `array_formats.py HEADRACE --renew`
makes it anew.
"""
import json
import pathlib
import shutil
import struct
import subprocess
import sys

from record_formats import COUNT, HEADRACE, WRITTEN, as_tar, damaged, expect_read, packed, run
from record_formats import run_cases, samples


def main():
    if "--renew" in sys.argv:
        shutil.rmtree(WRITTEN / "litdata", ignore_errors=True)
        return write_litdata(WRITTEN / "litdata", None)
    return run_cases(CASES, __file__)


def numpy_writes_npz(folder):
    """MLPerf's unet3d: a file a sample, stored by savez and deflated by savez_compressed."""
    import numpy
    for name, save in (("stored", numpy.savez), ("packed", numpy.savez_compressed)):
        place = folder / name
        place.mkdir()
        wanted = []
        for number in range(COUNT):
            volume = numpy.arange(24 * (number + 1), dtype=numpy.float32).reshape(-1, 3, 4)
            mask = (volume > 5).astype(numpy.uint8)
            save(place / f"case_{number:05}.npz", x=volume, y=mask, label=number * 3 - 2)
            wanted.append({"x": volume.tobytes(), "y": mask.tobytes(),
                           "label": b"%d" % (number * 3 - 2)})
        expect_read(place, folder / f"{name}-out", wanted)
        whole = (place / "case_00000.npz").read_bytes()
        positions = range(0, len(whole), 13)
        assert damaged(folder, f"{name}.npz", whole, positions) > len(positions) * 0.7
        for size in range(0, len(whole), 97):
            cut = folder / "cut.npz"
            cut.write_bytes(whole[:size])
            done = subprocess.run([HEADRACE, "verify", cut], capture_output=True, text=True)
            assert done.returncode in (1, 3) and "cut.npz" in done.stdout + done.stderr, done
            cut.unlink()
    place = folder / "pickles"
    place.mkdir()
    numpy.savez(place / "a.npz", x=numpy.array([{}], dtype=object))
    done = subprocess.run([HEADRACE, "inspect", place], capture_output=True, text=True)
    assert done.returncode == 3 and "pickles" in done.stderr, done


def numpy_writes_npy(folder):
    import numpy
    rows = numpy.random.default_rng(7).normal(size=(COUNT, 3, 2)).astype(numpy.float16)
    numpy.save(folder / "rows.npy", rows)
    expect_read(folder / "rows.npy", folder / "a", [{"data": row.tobytes()} for row in rows])
    labels = numpy.arange(-2, COUNT - 2, dtype=numpy.int16)
    numpy.save(folder / "labels.npy", labels)
    expect_read(folder / "labels.npy", folder / "b", [{"data": b"%d" % label} for label in labels])
    place = folder / "files"
    place.mkdir()
    volumes = [numpy.full((number + 1, 2), number, ">i4" if number < 0 else "<i4")
               for number in range(COUNT)]
    for number, volume in enumerate(volumes):
        numpy.save(place / f"{number}.npy", volume)
    expect_read(place, folder / "c", [{"data": volume.tobytes()} for volume in volumes])
    for name, bad in (("big", rows.astype(">f4")), ("turned", numpy.asfortranarray(rows[:, :, 0]))):
        numpy.save(folder / f"{name}.npy", bad)
        done = subprocess.run([HEADRACE, "inspect", folder / f"{name}.npy"], capture_output=True,
                              text=True)
        assert done.returncode == 3 and f"{name}.npy" in done.stderr, done


def safetensors_writes(folder):
    import numpy
    from safetensors.numpy import save_file
    tensors = {"x": numpy.arange(COUNT * 6, dtype=numpy.float32).reshape(COUNT, 2, 3),
               "label": numpy.arange(-2, COUNT - 2, dtype=numpy.int64),
               "mask": numpy.arange(COUNT) % 2 == 0, "one": numpy.ones((COUNT, 1), numpy.uint16)}
    save_file(tensors, folder / "a.safetensors", metadata={"made": "by a test"})
    expect_read(folder / "a.safetensors", folder / "out",
                [{"x": tensors["x"][row].tobytes(), "label": b"%d" % tensors["label"][row],
                  "mask": b"%d" % tensors["mask"][row], "one": b"\1\0"} for row in range(COUNT)])


def safetensors_reads(folder):
    import numpy
    from safetensors.numpy import load_file
    rows = numpy.arange(COUNT * 4, dtype=numpy.uint8).reshape(COUNT, 4)
    for number, row in enumerate(rows):
        (folder / "in").mkdir(exist_ok=True)
        numpy.savez(folder / "in" / f"{number}.npz", x=row, cls=number - 2)
    facts = json.loads(run("convert", folder / "in", folder / "out", "--to", "safetensors",
                           "--json", "-"))
    assert facts["compared"] == COUNT, facts
    shard, = (folder / "out").glob("*.safetensors")
    read = load_file(shard)
    assert (read["x"] == rows).all() and read["x"].dtype == numpy.uint8, read
    assert (read["cls"] == numpy.arange(-2, COUNT - 2)).all(), read


def lmdb_writes(folder):
    import lmdb
    records = {b"%08d" % (number * 7919 % 1000): each["jpg"] * (1 + number % 3)
               for number, each in enumerate(samples() * 200)}
    with lmdb.open(str(folder / "a"), map_size=1 << 26) as store:
        with store.begin(write=True) as transaction:
            for key, value in records.items():
                transaction.put(key, value)
        with store.begin(write=True) as transaction:  # its pages come free and are used again
            for key in list(records)[:300]:
                transaction.delete(key)
                del records[key]
    wanted = [{"key": key, "value": value} for key, value in sorted(records.items())]
    expect_read(folder / "a", folder / "out", wanted)
    with lmdb.open(str(folder / "b.lmdb"), subdir=False, max_dbs=1) as store:
        with store.begin(write=True, db=store.open_db(b"train")) as transaction:
            for number in range(COUNT):
                transaction.put(b"%d" % number, b"value %d" % number)
    expect_read(folder / "b.lmdb", folder / "named",
                [{"key": b"%d" % number, "value": b"value %d" % number} for number in range(COUNT)])
    whole = (folder / "b.lmdb").read_bytes()
    assert damaged(folder, "bad.lmdb", whole, range(0, len(whole), 61)) > 0


def sqlite_writes(folder):
    import sqlite3
    for number, (mode, form) in enumerate((("delete", ""), ("wal", ""), ("delete",
                                                                          "without rowid"))):
        path = folder / f"{number}.db"
        store = sqlite3.connect(path)
        store.execute(f"pragma journal_mode = {mode}")
        store.execute("create table samples(id integer primary key, jpg blob, cls integer, "
                      f"txt text, score real) {form}")
        rows = [(at, each["jpg"], each["cls"] if at else None, each["txt"], at / 8)
                for at, each in enumerate(samples() * 40)]
        store.executemany("insert into samples values(?, ?, ?, ?, ?)", reversed(rows))
        store.execute("create index by_label on samples(cls, id)")
        store.commit()
        if mode == "wal":
            done = subprocess.run([HEADRACE, "inspect", path], capture_output=True, text=True)
            assert done.returncode == 3 and "-wal" in done.stderr, done
        store.close()
        wanted = []
        for at, jpg, label, text, score in rows:
            wanted.append({"id": b"%d" % at, "jpg": jpg, "txt": text.encode(),
                           "score": f"{score:g}".encode()})
            if label is not None:
                wanted[-1]["cls"] = b"%d" % label
        expect_read(path, folder / f"out-{number}", wanted)
    assert damaged(folder, "bad.db", path.read_bytes(), range(0, 4096, 37)) > 5


def arrow_tables():
    """What Hugging Face's datasets keep, and the rest of the types; with the fields they make."""
    import pyarrow
    rows = samples() * 30
    number = range(len(rows))
    text = [each["txt"] if at % 3 else None for at, each in enumerate(rows)]
    vectors = [[at / 2, at, -at] for at in number]
    tokens = [list(range(at % 7)) for at in number]
    table = pyarrow.table({
        "image": pyarrow.array([None if at % 11 == 5 else {"bytes": each["jpg"], "path": text[at]}
                                for at, each in enumerate(rows)]),
        "label": pyarrow.array([each["cls"] if at else None for at, each in enumerate(rows)],
                               pyarrow.int16()),
        "good": pyarrow.array([at % 3 == 0 for at in number]),
        "word": pyarrow.array([f"word {at % 4}" for at in number]).dictionary_encode(),
        "big": pyarrow.array(text, pyarrow.large_string()),
        "vector": pyarrow.array(vectors, pyarrow.list_(pyarrow.float32(), 3)),
        "tokens": pyarrow.array(tokens, pyarrow.list_(pyarrow.int32())),
        "score": pyarrow.array([at / 4 for at in number], pyarrow.float64()),
        "when": pyarrow.array([at - 9 for at in number], pyarrow.timestamp("ms")),
        "hash": pyarrow.array([b"%016d" % at for at in number], pyarrow.binary(16)),
        "nothing": pyarrow.nulls(len(rows)),
        "deep": pyarrow.array([[["a"], []]] * len(rows)),
        "map": pyarrow.array([[("k", at)] for at in number],
                             pyarrow.map_(pyarrow.string(), pyarrow.int16()))})
    wanted = []
    for at, each in enumerate(rows):
        fields = {"good": b"%d" % (at % 3 == 0), "word": b"word %d" % (at % 4),
                  "vector": struct.pack("<3f", *vectors[at]), "when": b"%d" % (at - 9),
                  "tokens": struct.pack(f"<{len(tokens[at])}i", *tokens[at]),
                  "score": struct.pack("<d", at / 4), "hash": b"%016d" % at}
        if at % 11 != 5:
            fields["jpg"] = each["jpg"]
            if text[at]:
                fields["image.path"] = text[at].encode()
        if at:
            fields["label"] = b"%d" % each["cls"]
        if text[at]:
            fields["big"] = text[at].encode()
        wanted.append(fields)
    return table, wanted


def pyarrow_writes(folder):
    import pyarrow
    import pyarrow.feather
    table, wanted = arrow_tables()
    for number, (make, options) in enumerate((make, options) for make in (
            pyarrow.ipc.new_stream, pyarrow.ipc.new_file) for options in (
            {}, {"compression": "lz4"}, {"compression": "zstd"})):
        place = folder / str(number)
        place.mkdir()
        for part in range(2):  # as save_to_disk names them
            with make(str(place / f"data-{part:05}-of-00002.arrow"), table.schema,
                      options=pyarrow.ipc.IpcWriteOptions(**options)) as writer:
                writer.write_table(table.slice(70 * part, 70 + 10 * part), max_chunksize=32)
        expect_read(place, place, wanted)
    pyarrow.feather.write_feather(table, str(folder / "a.feather"))
    expect_read(folder / "a.feather", folder / "feather", wanted)
    for name, compression in (("plain.arrow", None), ("packed.arrow", "zstd")):
        small = table.slice(3, 4).select(["image", "label", "tokens"])
        with pyarrow.ipc.new_file(str(folder / name), small.schema,
                                  options=pyarrow.ipc.IpcWriteOptions(compression=compression)) \
                as writer:
            writer.write_table(small)
        whole = (folder / name).read_bytes()
        assert damaged(folder, name, whole, range(0, len(whole), 29)) > 5


def write_litdata(folder, compression):
    from litdata.streaming.writer import BinaryWriter
    folder.mkdir()
    writer = BinaryWriter(str(folder), chunk_size=2, compression=compression)
    for number, each in enumerate(samples()):
        writer[number] = {**each, "good": number % 2 == 0, "more": ["a", number]}
    writer.done()
    writer.merge()
    for lock in folder.glob("*.lock"):
        lock.unlink()


def expect_litdata(source, folder):
    expect_read(source, folder, [
        {"jpg": each["jpg"], "cls": b"%d" % each["cls"], "txt": each["txt"].encode(),
         "good": b"%d" % (number % 2 == 0), "more": b'["a",%d]' % number}
        for number, each in enumerate(samples())])


def litdata_wrote(folder):
    shutil.copytree(WRITTEN / "litdata", folder / "in")  # an index is made beside
    expect_litdata(folder / "in", folder)
    if shutil.which("zstd"):
        shutil.copytree(WRITTEN / "litdata", folder / "zstd")
        for path in (folder / "zstd").glob("*.bin"):
            packed_path = path.with_suffix(".zstd.bin")
            subprocess.run(["zstd", "-q", path, "-o", packed_path], check=True)
            path.unlink()
        expect_litdata(folder / "zstd", folder / "zstd-out")
    whole = (WRITTEN / "litdata" / "chunk-0-0.bin").read_bytes()
    (folder / "index.json").write_bytes((WRITTEN / "litdata" / "index.json").read_bytes())
    assert damaged(folder, "chunk", whole, range(0, len(whole), 5)) > 5


def litdata_writes(folder):
    import numpy
    import torch
    from litdata.streaming.writer import BinaryWriter
    write_litdata(folder / "in", None)
    expect_litdata(folder / "in", folder)
    (folder / "arrays").mkdir()
    writer = BinaryWriter(str(folder / "arrays"), chunk_size=100)
    wanted = []
    for number in range(25):
        fields = {"tensor": torch.arange(6).reshape(2, 3) + number,
                  "line": torch.arange(4, dtype=torch.float32) * number}
        writer[number] = {**fields, "weight": number / 2}
        wanted.append({name: tensor.numpy().tobytes() for name, tensor in fields.items()})
        wanted[-1]["weight"] = numpy.float64(number / 2).tobytes()
    writer.done()
    writer.merge()
    expect_read(folder / "arrays", folder / "arrays-out", wanted)


CASES = [(numpy_writes_npz, "numpy"), (numpy_writes_npy, "numpy"),
         (safetensors_writes, "safetensors"), (safetensors_reads, "safetensors"),
         (lmdb_writes, "lmdb"), (pyarrow_writes, "pyarrow"),
         (sqlite_writes, "sqlite3"),
         (litdata_wrote, ""), (litdata_writes, "litdata")]


if __name__ == "__main__":
    sys.exit(main())
