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
    rounds.serve(CONTENDERS[name](pathlib.Path(folder)))


def headrace(kind, cache):
    """In stored order, batches of 64. From the page cache each field is compared with its checksum
    each time, where its index has one (not that of a foreign tar); mapped, once."""
    def batches(folder):
        import headrace as hr
        loader = hr.Loader(str(folder / kind), batch=BATCH, shuffle="none", tensors="numpy",
                           cache=cache,
                           fields={"bin": hr.raw("bin", [RECORD], "uint8"),
                                   "cls": hr.integer("cls")})
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


def opening(kind):
    """Unpacks all files anew: what the first opening costs, once."""
    def opened(folder):
        import headrace as hr
        size = int((folder / f"{kind}.bytes").read_text())
        field = {"cls": hr.integer("cls")}
        while True:
            with tempfile.TemporaryDirectory(dir=folder) as cache:
                os.environ["HEADRACE_CACHE"] = cache
                hr.Loader(str(folder / kind), batch=BATCH, tensors="numpy", fields=field)
            yield size
    return opened


def texts(cache):
    """Rows of 4 KiB, padded; what counts is the text in them."""
    def batches(folder):
        import headrace as hr
        loader = hr.Loader(str(folder / "jsonl"), batch=BATCH, shuffle="none", tensors="numpy",
                           cache=cache, fields={"text": hr.bytes("text", TEXT),
                                                "cls": hr.integer("cls")})
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
}

if __name__ == "__main__":
    main()
