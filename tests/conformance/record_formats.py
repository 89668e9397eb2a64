"""Record formats against their own packages: we read what they write, they read what we write.

Usage: record_formats.py HEADRACE. Runs the cases whose package this Python has (tfrecord, pyarrow,
tensorflow, streaming, ffcv) and says which it leaves out; exits 77 when it has none. Files that
Streaming and FFCV once wrote lie in written/, so that reading them is tested everywhere;
`record_formats.py HEADRACE --renew` makes them anew.
"""
import contextlib
import importlib.util
import io
import lzma
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

WRITTEN = pathlib.Path(__file__).parent / "written"
HEADRACE = sys.argv[1]
COUNT = 5


def main():
    if "--renew" in sys.argv:
        return renew()
    return run_cases(CASES, __file__)


def run_cases(cases, script):
    """Each case in a process of its own: TensorFlow and Streaming bring libraries that clash."""
    if len(sys.argv) == 3:
        case = next(case for case, _ in cases if case.__name__ == sys.argv[2])
        with tempfile.TemporaryDirectory(prefix="headrace-formats-") as folder:
            return case(pathlib.Path(folder))
    ran = 0
    for case, package in cases:
        if package and importlib.util.find_spec(package) is None:
            print(f"left out: {case.__name__} needs {package}")
            continue
        subprocess.run([sys.executable, script, HEADRACE, case.__name__], check=True)
        print(f"passed: {case.__name__}")
        ran += 1
    return 0 if ran else 77


def samples():
    """What every writer here is given: a picture's first bytes and some more, a label, a text."""
    return [{"jpg": b"\xff\xd8\xff" + bytes(range(256)) * number + b"%d" % number,
             "cls": number * 3 - 2, "txt": f"text {number} \N{GREEK SMALL LETTER ALPHA}"}
            for number in range(COUNT)]


def run(*arguments):
    done = subprocess.run([HEADRACE, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def as_tar(source, folder):
    """The samples of any data set as we read them: packed to one tar, read by Python."""
    run("verify", source)
    run("pack", source, folder / "tars", "--recode", "off", "--order", "as-is", "--quiet")
    read = []
    for path in sorted((folder / "tars").glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, field = member.name.split(".", 1)
                if not read or read[-1][0] != key:
                    read.append((key, {}))
                read[-1][1][field] = tar.extractfile(member).read()
    return [fields for _, fields in read]


def expect_read(source, folder, wanted=None):
    want = [{"jpg": each["jpg"], "cls": b"%d" % each["cls"], "txt": each["txt"].encode()}
            for each in samples()]
    got = as_tar(source, folder)
    assert got == (wanted or want), f"{got}\nwanted {wanted or want}"


def packed(folder, form, *options):
    """The samples written by us: a tar by Python, packed into the format."""
    with tarfile.open(folder / "in.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
        for number, each in enumerate(samples()):
            for field in ("cls", "jpg", "txt"):
                body = each[field] if field == "jpg" else str(each[field]).encode()
                member = tarfile.TarInfo(f"{number}.{field}")
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
    run("pack", folder / "in.tar", folder / "out", "--format", form, "--recode", "off", "--order",
        "as-is", "--quiet", *options)
    run("verify", folder / "out")
    return folder / "out"


def tfrecord_writes(folder):
    import tfrecord
    writer = tfrecord.TFRecordWriter(str(folder / "a.tfrecord"))
    for each in samples():
        writer.write({"jpg": (each["jpg"], "byte"), "cls": (each["cls"], "int"),
                      "txt": (each["txt"].encode(), "byte")})
    writer.close()
    expect_read(folder / "a.tfrecord", folder)


def tfrecord_reads(folder):
    import tfrecord
    from tfrecord.tools.tfrecord2idx import create_index
    shard = next(packed(folder, "tfrecord", "--dali-index").glob("*.tfrecord"))
    loader = tfrecord.tfrecord_loader(str(shard), None,
                                      {"jpg": "byte", "cls": "int", "txt": "byte"})
    read = [{"jpg": bytes(each["jpg"]), "cls": int(each["cls"][0]),
             "txt": bytes(each["txt"]).decode()} for each in loader]
    assert read == samples(), read
    create_index(str(shard), str(folder / "theirs.idx"))
    ours = shard.with_suffix(".idx").read_text()
    assert ours.split() == (folder / "theirs.idx").read_text().split(), ours


def tensorflow_writes(folder):
    import tensorflow as tf
    def feature(value):
        if isinstance(value, int):
            return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    with tf.io.TFRecordWriter(str(folder / "train-00000-of-00001")) as writer:
        for each in samples():
            features = {"jpg": feature(each["jpg"]), "cls": feature(each["cls"]),
                        "txt": feature(each["txt"].encode())}
            example = tf.train.Example(features=tf.train.Features(feature=features))
            if each["cls"] > 5:  # read alike
                example = tf.train.SequenceExample(context=example.features)
            writer.write(example.SerializeToString())
    expect_read(folder / "train-00000-of-00001", folder)


def tensorflow_reads(folder):
    import tensorflow as tf
    shards = [str(path) for path in sorted(packed(folder, "tfrecord").glob("*.tfrecord"))]
    read = []
    for record in tf.data.TFRecordDataset(shards):
        feature = tf.train.Example.FromString(record.numpy()).features.feature
        read.append({"jpg": feature["jpg"].bytes_list.value[0],
                     "cls": feature["cls"].int64_list.value[0],
                     "txt": feature["txt"].bytes_list.value[0].decode()})
    assert read == samples(), read


def write_mds(folder):
    import streaming
    columns = {"jpg": "bytes", "cls": "int", "txt": "str"}
    with streaming.MDSWriter(out=str(folder), columns=columns, size_limit=2000) as writer:
        for each in samples():
            writer.write(each)


def streaming_writes(folder):
    write_mds(folder / "mds")
    assert len(list((folder / "mds").glob("*.mds"))) > 1
    expect_read(folder / "mds", folder)


def streaming_wrote(folder):
    shutil.copytree(WRITTEN / "mds", folder / "mds")  # an index is made beside
    expect_read(folder / "mds", folder)


def streaming_reads(folder):
    from streaming.base.format import reader_from_json
    import json
    out = packed(folder, "mds")
    read = []
    for shard in json.loads((out / "index.json").read_text())["shards"]:
        reader = reader_from_json(str(out), "", shard)
        reader.column_encodings = ["bytes" if each == "jpeg" else each
                                   for each in reader.column_encodings]
        read += [reader[number] for number in range(len(reader))]
    assert read == samples(), read


def write_beton(path):
    import numpy
    from ffcv.fields import BytesField, FloatField, IntField, RGBImageField
    from ffcv.writer import DatasetWriter

    class Source:
        def __len__(self):
            return COUNT

        def __getitem__(self, number):
            each = samples()[number]
            pixels = numpy.full((16, 24, 3), number * 40, numpy.uint8)
            return (pixels, each["cls"], numpy.frombuffer(each["jpg"], numpy.uint8), number / 2)

    writer = DatasetWriter(str(path), {
        "image": RGBImageField(write_mode="jpg"), "cls": IntField(), "blob": BytesField(),
        "weight": FloatField()}, page_size=1 << 21, num_workers=2)
    writer.from_indexed_dataset(Source())


def expect_beton(path, folder):
    from PIL import Image
    read = as_tar(path, folder)
    assert len(read) == COUNT
    for number, (got, each) in enumerate(zip(read, samples())):
        assert got["blob"] == each["jpg"] and int(got["cls"]) == each["cls"], got
        assert got["weight"] == struct.pack("<d", number / 2)
        image = Image.open(io.BytesIO(got["jpg"]))
        assert image.size == (24, 16) and abs(image.getpixel((5, 5))[0] - number * 40) < 3


def ffcv_writes(folder):
    write_beton(folder / "a.beton")
    expect_beton(folder / "a.beton", folder)


def ffcv_wrote(folder):
    (folder / "a.beton").write_bytes(lzma.decompress((WRITTEN / "a.beton.xz").read_bytes()))
    expect_beton(folder / "a.beton", folder)


def damaged(folder, name, whole, positions):
    """Each of these bytes flipped: read whole and right, or refused with the file's name."""
    found = 0
    for position in positions:
        path = folder / f"{position}-{name}"
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x21]) + whole[position + 1:])
        done = subprocess.run([HEADRACE, "verify", path], capture_output=True, text=True)
        assert done.returncode in (0, 1, 3), done
        assert done.returncode == 0 or name in done.stdout + done.stderr, done
        found += done.returncode != 0
    return found


def json_writes(folder):
    """What Python's json, gzip and HF's text data sets have, in every packing that is read."""
    import gzip
    import json
    rows = [{"text": each["txt"] + "\n\t\"\\\u2028", "label": each["cls"], "score": each["cls"] / 4,
             "good": each["cls"] > 3, "none": None, "tags": ["a", each["cls"]],
             "meta": {"url": "http://x", "n": 2 ** 63 + each["cls"] + 2}} for each in samples() * 9]
    wanted = [{"text": row["text"].encode(), "label": b"%d" % row["label"],
               "score": f"{row['score']:g}".encode(), "good": b"%d" % row["good"],
               "tags": json.dumps(row["tags"], separators=(",", ":")).encode(),
               "meta.url": b"http://x", "meta.n": b"%d" % row["meta"]["n"]} for row in rows]
    for number, ascii_only in enumerate((True, False)):
        text = "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()
        (folder / f"{number}.jsonl").write_bytes(text)
        expect_read(folder / f"{number}.jsonl", folder / f"plain-{number}", wanted)
        half = len(text) // 2
        (folder / f"{number}.jsonl.gz").write_bytes(
            gzip.compress(text[:half]) + gzip.compress(text[half:]))
        expect_read(folder / f"{number}.jsonl.gz", folder / f"gz-{number}", wanted)
    whole = gzip.compress(text, mtime=0)
    assert damaged(folder, "bad.jsonl.gz", whole, range(10, len(whole), 7)) > len(whole) / 7 - 5
    if shutil.which("zstd"):
        subprocess.run(["zstd", "-q", folder / "0.jsonl"], check=True)
        expect_read(folder / "0.jsonl.zst", folder / "zst", wanted)


def pyarrow_writes(folder):
    """Images as Hugging Face data sets hold them, in every layout that is read."""
    import pyarrow
    import pyarrow.parquet
    schema = pyarrow.schema([
        ("image", pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])),
        ("label", pyarrow.int64()), ("good", pyarrow.bool_()), ("tags", pyarrow.list_(
            pyarrow.int32()))])
    rows = [{"image": {"bytes": each["jpg"], "path": each["txt"] if number % 2 else None},
             "label": each["cls"] if number else None, "good": number % 3 == 0, "tags": [number]}
            for number, each in enumerate(samples() * 40)]
    table = pyarrow.Table.from_pylist(rows, schema=schema)
    mixed = {"image.bytes": "none", "image.path": "none", "label": "snappy", "good": "snappy",
             "tags.list.element": "zstd"}
    layouts = [{"compression": "none"}, {"compression": "none", "use_dictionary": False},
               {"compression": mixed, "row_group_size": 37},
               {"compression": mixed, "data_page_version": "2.0", "row_group_size": 64},
               {"compression": "none", "write_page_checksum": True, "data_page_size": 512},
               {}, {"compression": "zstd", "row_group_size": 50}, {"compression": "gzip"},
               {"compression": "snappy", "data_page_version": "2.0", "data_page_size": 512},
               {"compression": "zstd", "use_dictionary": False, "data_page_version": "2.0"},
               {"compression": "zstd", "write_page_checksum": True}]
    wanted = []
    for row in rows:
        fields = {"jpg": row["image"]["bytes"], "good": b"%d" % row["good"]}
        if row["image"]["path"] is not None:
            fields["image.path"] = row["image"]["path"].encode()
        if row["label"] is not None:
            fields["label"] = b"%d" % row["label"]
        fields["tags.i32"] = struct.pack("<i", row["tags"][0])
        wanted.append(fields)
    for number, layout in enumerate(layouts):
        place = folder / str(number)
        place.mkdir()
        pyarrow.parquet.write_table(table, place / "train-00000-of-00001.parquet", **layout)
        expect_read(place, place, wanted)
    pyarrow.parquet.write_table(table.slice(0, 20), folder / "small.parquet", compression="zstd",
                                write_page_checksum=True)
    whole = (folder / "small.parquet").read_bytes()
    assert damaged(folder, "bad.parquet", whole, range(4, len(whole), 61)) > 5


def pyarrow_reads(folder):
    import pyarrow.parquet
    table = pyarrow.parquet.read_table(sorted(packed(folder, "parquet").glob("*.parquet")))
    assert table.to_pylist() == samples(), table


CASES = [(json_writes, ""), (pyarrow_writes, "pyarrow"), (pyarrow_reads, "pyarrow"),
         (tfrecord_writes, "tfrecord"), (tfrecord_reads, "tfrecord"),
         (tensorflow_writes, "tensorflow"), (tensorflow_reads, "tensorflow"),
         (streaming_wrote, ""), (streaming_writes, "streaming"), (streaming_reads, "streaming"),
         (ffcv_wrote, "PIL"), (ffcv_writes, "ffcv")]


def renew():
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(WRITTEN)
    WRITTEN.mkdir()
    write_mds(WRITTEN / "mds")
    with tempfile.TemporaryDirectory() as folder:
        write_beton(pathlib.Path(folder) / "a.beton")
        whole = (pathlib.Path(folder) / "a.beton").read_bytes()
    (WRITTEN / "a.beton.xz").write_bytes(lzma.compress(whole))
    return 0


if __name__ == "__main__":
    sys.exit(main())
