"""One contender of formats.py: contenders.py NAME FOLDER. Yields bytes handed to the caller."""
import mmap
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import rounds  # noqa: E402

RECORD, BATCH, TEXT = 112 << 10, 64, 4 << 10


def main():
    name, folder = sys.argv[1:]
    batches = CONTENDERS[name](pathlib.Path(folder))
    rounds.serve(batches, getattr(batches, "before", lambda: None))


def warmed(cache, *path, **options):
    """A loader in stored order, of files that another has read before: "auto" looks at what is in
    the page cache when it opens."""
    import headrace as hr

    def loader():
        return hr.Loader(*path, batch=BATCH, shuffle="none", tensors="numpy", cache=cache,
                         **options)
    if cache != "direct":
        for _ in loader():
            pass
    return loader()


def headrace(kind, cache):
    """In stored order, batches of 64. From the page cache each field is compared with its checksum
    each time, where its index has one (not that of a foreign tar); mapped, once."""
    def batches(folder):
        import headrace as hr
        loader = warmed(cache, str(folder / kind), fields={
            "bin": hr.raw("bin", [RECORD], "uint8"), "cls": hr.integer("cls")})
        while True:
            for batch in loader:
                yield batch["bin"].nbytes
    return batches


def webdataset(folder):
    import webdataset
    shards = [str(path) for path in sorted((folder / "tar").glob("*.tar"))]
    while True:
        size = 0
        for sample in webdataset.WebDataset(shards, shardshuffle=False):
            size += len(sample["bin"])
            if size >= BATCH * RECORD:
                yield size
                size = 0


def spdl(folder):
    from spdl.io import iter_tarfile
    while True:
        size = 0
        for path in sorted((folder / "tar").glob("*.tar")):
            with open(path, "rb") as file:
                for name, body in iter_tarfile(file):
                    size += len(body) if name.endswith(".bin") else 0
                    if size >= BATCH * RECORD:
                        yield size
                        size = 0


def spdl_views(folder):
    """Of files already in memory: headers alone are looked at, and no byte of a field."""
    from spdl.io import iter_tarfile
    tars = [path.read_bytes() for path in sorted((folder / "tar").glob("*.tar"))]
    while True:
        for tar in tars:
            yield sum(len(body) for name, body in iter_tarfile(tar) if name.endswith(".bin"))


def direct_reads(folder):
    """The tars past the page cache, file after file, 8 MiB at a time, and nothing else."""
    piece = mmap.mmap(-1, 8 << 20)  # begins at a page
    while True:
        for path in sorted((folder / "tar").glob("*.tar")):
            file = os.open(path, os.O_RDONLY | os.O_DIRECT)
            at = 0
            while (moved := os.preadv(file, [piece], at)) > 0:
                yield moved
                at += moved
            os.close(file)


def tf_data(folder):
    """Records as they are, checked but not parsed, two files at a time."""
    import tensorflow
    shards = [str(path) for path in sorted((folder / "tfrecord").glob("*.tfrecord"))]
    data = tensorflow.data.TFRecordDataset(shards, num_parallel_reads=2, buffer_size=1 << 20)
    while True:
        for batch in data.batch(BATCH).prefetch(4):
            yield batch.shape[0] * RECORD


def streaming(folder):
    import streaming.base.util
    from streaming import StreamingDataset
    streaming.base.util.clean_stale_shared_memory()
    data = StreamingDataset(local=str(folder / "mds"), shuffle=False, batch_size=BATCH)
    while True:
        size = 0
        for sample in data:
            size += len(sample["bin"])
            if size >= BATCH * RECORD:
                yield size
                size = 0


def scanner(folder):
    import pyarrow.dataset
    data = pyarrow.dataset.dataset(str(folder / "parquet"), format="parquet")
    while True:
        for batch in data.scanner(columns=["bin", "cls"], batch_size=BATCH).to_batches():
            yield batch["bin"].nbytes


def headrace_lmdb(cache):
    def batches(folder):
        import headrace as hr
        loader = warmed(cache, str(folder / "lmdb"), fields={
            "value": hr.raw("value", [RECORD], "uint8")})
        while True:
            for batch in loader:
                yield batch["value"].nbytes
    return batches


def numpy_load(folder):
    import numpy
    paths = sorted((folder / "npz").glob("*.npz"))
    while True:
        for path in paths:
            with numpy.load(path) as arrays:
                yield arrays["bin"].nbytes


def load_file(folder):
    from safetensors.numpy import load_file as load
    paths = sorted((folder / "safetensors").glob("*.safetensors"))
    while True:
        for path in paths:
            yield load(path)["bin"].nbytes


def arrow_rows(folder):
    """A mapped stream, each row's bytes made, as Hugging Face's datasets hands them out."""
    import pyarrow
    paths = sorted((folder / "arrow").glob("*.arrow"))
    while True:
        for path in paths:
            with pyarrow.memory_map(str(path)) as source:
                for batch in pyarrow.ipc.open_stream(source):
                    yield sum(len(row["bin"]) for row in batch.to_pylist())


def lmdb_cursor(folder):
    import lmdb
    with lmdb.open(str(folder / "lmdb"), readonly=True, lock=False) as base:
        while True:
            with base.begin() as read:
                for _, value in read.cursor():
                    yield len(value)


def sqlite_rows(folder):
    import sqlite3
    base = sqlite3.connect(f"file:{folder / 'sqlite' / 'records.sqlite'}?mode=ro", uri=True)
    while True:
        for body, _ in base.execute("select bin, cls from records"):
            yield len(body)


def opening(kind):
    """Unpacks all files anew: what the first opening costs, once. The copy before goes just before,
    unmeasured: a virtual machine's host takes memory back that is free for long."""
    class Openings:
        def __init__(self, folder):
            self.folder = folder
            self.size = int((folder / f"{kind}.bytes").read_text())
            self.caches = []

        def __next__(self):
            import headrace as hr
            self.caches.append(tempfile.TemporaryDirectory(dir=self.folder))
            os.environ["HEADRACE_CACHE"] = self.caches[-1].name
            hr.Loader(str(self.folder / kind), batch=BATCH, tensors="numpy",
                      fields={"cls": hr.integer("cls")})
            return self.size

        def before(self):
            self.caches.clear()
    return Openings


def texts(cache):
    """Rows of 4 KiB, padded; what counts is the text in them."""
    def batches(folder):
        import headrace as hr
        loader = warmed(cache, str(folder / "jsonl"), fields={
            "text": hr.bytes("text", TEXT), "cls": hr.integer("cls")})
        share = int((folder / "jsonl.bytes").read_text()) / len(loader)
        while True:
            for _ in loader:
                yield share
    return batches


def orjson_twice(folder):
    """Each process parses half of the files and keeps what it parsed to itself."""
    import multiprocessing
    lines = sorted((folder / "jsonl").glob("*.jsonl"))
    with multiprocessing.Pool(2) as pool:
        while True:
            yield sum(pool.map(parse, [lines[::2], lines[1::2]]))


def parse(paths):
    import orjson
    size = 0
    for path in paths:
        with open(path, "rb") as file:
            for line in file:
                size += len(orjson.loads(line)["text"].encode())
    return size


CONTENDERS = {
    "headrace tar": headrace("tar", "auto"), "headrace tar, page": headrace("tar", "page"),
    "headrace tfrecord, page": headrace("tfrecord", "page"), "webdataset": webdataset,
    "headrace mds, page": headrace("mds", "page"), "SPDL iter_tarfile": spdl,
    "SPDL iter_tarfile, views": spdl_views,
    "headrace tar, direct": headrace("tar", "direct"), "direct reads": direct_reads,
    "tf.data, checksums": tf_data, "Streaming": streaming,
    "headrace parquet, page": headrace("parquet", "page"), "pyarrow dataset scanner": scanner,
    "headrace parquet, first opening": opening("parquet"), "headrace jsonl": texts("auto"),
    "headrace jsonl, page": texts("page"),
    "headrace jsonl, first opening": opening("jsonl"), "orjson, 2 processes": orjson_twice,
    "headrace npz, page": headrace("npz", "page"), "numpy.load": numpy_load,
    "headrace safetensors, page": headrace("safetensors", "page"),
    "safetensors load_file": load_file,
    "headrace arrow, page": headrace("arrow", "page"), "pyarrow rows": arrow_rows,
    "headrace lmdb": headrace_lmdb("auto"), "headrace lmdb, page": headrace_lmdb("page"),
    "lmdb cursor": lmdb_cursor,
    "headrace sqlite, page": headrace("sqlite", "page"), "sqlite3 rows": sqlite_rows,
}

if __name__ == "__main__":
    main()
