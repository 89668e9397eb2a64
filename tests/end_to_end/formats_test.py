"""The same pictures in every record format give the same batches, and damage is told of."""
import gzip
import io
import json
import pathlib
import sqlite3
import struct
import tarfile

import numpy
from harness import Case, main, write_tree

FORMATS = ("tar", "tfrecord", "mds", "parquet")
FEED = ["--batch", "8", "--preset", "imagenet", "--quiet"]


def write_beton(path, samples):
    """As FFCV lays it out; that its own files are read is in tests/conformance."""
    page = 1 << 21
    names = [(2, b"jpg"), (1, b"cls")]
    pages = -(-(24 + 1041 * len(names) + 24 * len(samples)) // page) * page
    at, records, bodies, table = pages, b"", b"", b""
    for number, (picture, label) in enumerate(samples):
        records += struct.pack("<BHHQ3xq", 0, 120, 90, at, label)
        table += struct.pack("<QQQ", number, at, len(picture))
        bodies += picture
        at += len(picture)
    head = struct.pack("<HHIQQ", 2, len(names), page, len(samples), at)
    for kind, name in names:
        head += bytes([kind]) + name.ljust(16, b"\0") + bytes(1024)
    path.write_bytes((head + records).ljust(pages, b"\0") + bodies + table)
    return True


def write_sqlite(path, samples):
    with sqlite3.connect(path) as base:
        base.execute("create table pictures (cls integer, jpg blob)")
        base.executemany("insert into pictures (jpg, cls) values (?, ?)", samples)
    base.close()
    return True


def write_litdata(path, samples):
    """As its writer lays it out; that its own files are read is in tests/conformance."""
    items = [struct.pack("<II", 8, len(picture)) + struct.pack("<q", label) + picture
             for picture, label in samples]
    offsets = [4 * (len(items) + 2)]
    for item in items:
        offsets.append(offsets[-1] + len(item))
    spec = {"type": "builtins.dict", "context": json.dumps(["cls", "jpg"]), "children_spec": [
        {"type": None, "context": None, "children_spec": []}] * 2}
    chunk = {"filename": "chunk-0-0.bin", "chunk_size": len(items), "chunk_bytes": offsets[-1],
             "dim": None}
    path.mkdir()
    (path / chunk["filename"]).write_bytes(
        struct.pack(f"<{len(items) + 2}I", len(items), *offsets) + b"".join(items))
    (path / "index.json").write_text(json.dumps({"chunks": [chunk], "config": {
        "compression": None, "chunk_size": None, "chunk_bytes": 64 << 20, "encryption": None,
        "data_format": ["int", "jpeg"], "data_spec": json.dumps([1, spec]), "item_loader": "P"}}))
    return True


def write_arrow(path, samples):
    try:
        import pyarrow
    except ImportError:
        return False
    table = pyarrow.table({"cls": [label for _, label in samples],
                           "jpg": [picture for picture, _ in samples]})
    with pyarrow.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table, max_chunksize=7)
    return True


class Formats(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", 41)
        self.expect(0, "pack", "tree", "tar", "--quiet", "--shard-size", "100K")
        for form in FORMATS[1:]:
            self.expect(0, "pack", "tree", form, "--quiet", "--shard-size", "100K", "--format",
                        form)

    def dump(self, source):
        target = self.folder / f"dump-{pathlib.Path(source).name}"
        self.expect(0, "feed", source, *FEED, "--dump", target, "--dump-batches", 6)
        return {path.name: path.read_bytes() for path in sorted(target.iterdir())
                if path.suffix == ".npy"}

    def test_batches_are_the_same_bit_for_bit(self):
        wanted = self.dump("tar")
        self.assertGreater(len(wanted), 10)
        for form in FORMATS[1:]:
            self.assertEqual(self.dump(form) == wanted, True, form)
            self.expect(0, "verify", form, says=["41 samples"])
        samples = self.samples()
        for write in (write_beton, write_sqlite, write_litdata, write_arrow):
            form = write.__name__[len("write_"):]
            if write(self.folder / f"one.{form}", samples):
                self.assertEqual(self.dump(f"one.{form}") == wanted, True, form)

    def test_labels_of_a_table_give_the_batches_that_folders_give(self):
        """The same pictures without class folders, and their classes in a table."""
        wanted = self.dump("tree")
        flat, rows = self.folder / "flat", ["image_id,label"]
        for path in sorted((self.folder / "tree").rglob("*.*")):
            name = f"{path.parent.name}-{path.stem}"
            (flat / "images").mkdir(parents=True, exist_ok=True)
            (flat / "images" / f"{name}{path.suffix}").write_bytes(path.read_bytes())
            rows.append(f"images/{name},{path.parent.name}")
        (flat / "labels.csv").write_text("\n".join(rows))
        self.assertEqual(self.dump("flat") == wanted, True)
        self.expect(0, "convert", "flat", "flat-mds", "--to", "mds", "--quiet")
        self.assertEqual(self.dump("flat-mds") == wanted, True)

    def test_rows_of_arrays_give_the_same_batches_from_every_format(self):
        """Rows of one size and a label: npz and npy in, everything that is written out."""
        rows = numpy.random.default_rng(7).integers(0, 256, (41, 24), numpy.uint8)
        (self.folder / "npz").mkdir()
        for number, row in enumerate(rows):
            numpy.savez(self.folder / "npz" / f"{number:03}.npz", row=row, label=number * 3 - 7)
        fields = '[[field]]\nname = "row"\nkind = "raw"\nshape = [24]\n' \
                 '[[field]]\nname = "label"\nkind = "integer"\n'
        def dump(source):
            target, job = self.folder / f"dump-{source}", self.folder / f"{source}.toml"
            job.write_text(f'[dataset]\npath = "{source}"\n[batch]\nsize = 8\n{fields}')
            self.expect(0, "feed", job, "--quiet", "--dump", target, "--dump-batches", 6)
            return {path.name: path.read_bytes() for path in target.glob("*.npy")}
        wanted = dump("npz")
        self.assertGreater(len(wanted), 10)
        source = "npz"
        for form in ("safetensors", "parquet", "tar", "tfrecord", "mds"):
            self.expect(0, "convert", source, f"as-{form}", "--to", form, "--quiet")
            self.assertEqual(dump(f"as-{form}") == wanted, True, form)
            source = f"as-{form}"

    def samples(self):
        """The tar's samples in their order: a picture and a label each."""
        self.expect(0, "pack", "tar", "one", "--order", "as-is", "--recode", "off", "--quiet")
        fields = {}
        with tarfile.open(next((self.folder / "one").glob("*.tar"))) as tar:
            for member in tar:
                key, name = member.name.split(".")
                fields.setdefault(key, {})[name] = tar.extractfile(member).read()
        return [(each["jpg"], int(each["cls"])) for each in fields.values()]

    def test_inspect_names_the_format_by_its_bytes(self):
        for form in FORMATS:
            source = self.folder / form
            facts = json.loads(self.expect(0, "inspect", source, "--json", "-").out)
            self.assertEqual(facts["format"], "webdataset" if form == "tar" else form)
            self.assertEqual(facts["samples"], 41)
            self.assertEqual([each["name"] for each in facts["fields"]], ["cls", "jpg"])
            shard = next(path for path in source.iterdir() if path.stem == "shard-000001")
            (self.folder / "nameless").write_bytes(shard.read_bytes())
            facts = json.loads(self.expect(0, "inspect", "nameless", "--json", "-").out)
            self.assertEqual(facts["format"], "webdataset" if form == "tar" else form)

    def test_every_format_is_named_by_its_bytes(self):
        """Files without a name that would say it."""
        samples, found = self.samples(), {}
        for write in (write_beton, write_sqlite, write_arrow):
            if write(self.folder / "some", samples):
                found[write.__name__[len("write_"):]] = (self.folder / "some").read_bytes()
                (self.folder / "some").unlink()
        found["npz"], found["npy"] = io.BytesIO(), io.BytesIO()
        numpy.savez(found["npz"], row=numpy.arange(9, dtype=numpy.uint8))
        numpy.save(found["npy"], numpy.arange(12, dtype=numpy.uint8).reshape(4, 3))
        found = {form: getattr(each, "getvalue", lambda each=each: each)()
                 for form, each in found.items()}
        head = json.dumps({"x": {"dtype": "U8", "shape": [2, 3], "data_offsets": [0, 6]}}).encode()
        found["safetensors"] = struct.pack("<Q", len(head)) + head + b"abcdef"
        found["jsonl"] = b'{"text": "a", "cls": 1}\n'
        found["packed-tar"] = gzip.compress(next((self.folder / "tar").glob("*.tar")).read_bytes())
        for form, body in found.items():
            (self.folder / "nameless").write_bytes(body)
            facts = json.loads(self.expect(0, "inspect", "nameless", "--json", "-").out)
            self.assertEqual(facts["format"], form)
            told = json.loads(self.expect(0, "verify", "nameless", "--json", "-").out)
            self.assertEqual((told["format"], told["whole"]), (form, True))
            self.assertEqual(told["samples"], facts["samples"], form)
            for index in self.folder.glob("nameless.*"):
                index.unlink()

    def test_a_packing_into_a_format_goes_on_and_is_not_mixed_with_another(self):
        folder = self.folder / "tfrecord"
        shard, manifest = folder / "shard-000001.tfrecord", folder / "headrace.json"
        whole, said = shard.read_bytes(), manifest.read_bytes()
        shard.unlink()
        manifest.rename(folder / "headrace.packing.json")
        pack = ["pack", "tree", "tfrecord", "--shard-size", "100K", "--quiet"]
        self.expect(3, *pack, says=["other input or with other options"])
        (folder / "headrace.packing.json").unlink()
        self.expect(3, *pack, says=["other input or other options"])
        shard.write_bytes(whole)
        manifest.write_bytes(said)
        self.expect(0, *pack, "--format", "tfrecord")
        self.assertEqual(manifest.read_bytes(), said)

    def test_a_flipped_byte_is_found_by_verify_and_by_feeding(self):
        shard = self.folder / "tfrecord" / "shard-000001.tfrecord"
        raw = bytearray(shard.read_bytes())
        at = raw.index(b"\xff\xd8\xff") + 700
        raw[at] ^= 4
        shard.write_bytes(raw)
        self.expect(1, "verify", "tfrecord", says=["shard-000001.tfrecord at byte", "checksum"])
        self.expect(3, "feed", "tfrecord", *FEED, says=["shard-000001.tfrecord at byte"])
        for index in (self.folder / "tfrecord").glob("*.hrx"):
            index.unlink()
        self.expect(3, "inspect", "tfrecord", says=["the checksum of a record of"])

    def test_a_file_of_no_format_says_so(self):
        (self.folder / "x").write_bytes(b"nonsense" * 1000)
        self.expect(3, "inspect", "x", says=["it begins like no known format"])


if __name__ == "__main__":
    main()
