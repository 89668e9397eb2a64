"""Fields stored compressed give the same batches as plain ones; other readers understand them;
damage of any byte is told of."""
import gzip
import io
import json
import pathlib
import struct
import sys
import tarfile

import numpy
from harness import Case, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from byte_tokenizer import write_pieces  # noqa: E402
from crc32c import masked_crc  # noqa: E402

try:
    import pyarrow
    import webdataset
except ImportError:
    pyarrow = webdataset = None

SAMPLES = 30
JOB = """
[dataset]
path = "{path}"
[order]
shuffle = "none"
[loader]
on_error = "{on_error}"
[batch]
size = 8
[[field]]
name = "grid"
kind = "raw"
type = "float32"
shape = [30, 20]
[[field]]
name = "words"
from = "txt"
kind = "bytes"
shape = [300]
[[field]]
name = "cls"
kind = "integer"
"""
SUFFIXES = {"zstd": ".zst", "lz4": ".lz4", "gzip": ".gz", "snappy": ".sz"}
SNAPPY = b"\xff\x06\0\0sNaPpY"


def grid(number):
    return (numpy.arange(600, dtype=numpy.float32) // 7 * number).astype(numpy.float32).tobytes()


def words(number):
    return " ".join(f"word {at % 9} of {number}" for at in range(number % 5 * 4)).encode()


def framed(plain):
    """A Snappy file: blocks by Google's library, framed by hand; padding that a reader skips."""
    made = SNAPPY + b"\xfe\x03\0\0pad"
    for at in range(0, len(plain), 1000):
        piece = plain[at:at + 1000]
        body = struct.pack("<I", masked_crc(piece)) + pyarrow.compress(piece, "snappy",
                                                                       asbytes=True)
        made += struct.pack("<I", len(body) << 8) + body
    return made


def unframed(body):
    assert body.startswith(SNAPPY)
    plain, at = b"", len(SNAPPY)
    while at < len(body):
        head, crc = struct.unpack_from("<II", body, at)
        chunk, size = body[at + 8:at + 4 + (head >> 8)], 0
        if head & 0x80:  # what readers pass over
            at += 4 + (head >> 8)
            continue
        for place, byte in enumerate(chunk[:3]):
            size |= (byte & 127) << 7 * place
            if byte < 128:
                break
        piece = chunk if head & 255 else pyarrow.decompress(chunk, size, "snappy", asbytes=True)
        assert masked_crc(piece) == crc
        plain, at = plain + piece, at + 4 + (head >> 8)
    return plain


def unpacked(suffix, body, size):
    if suffix == ".sz":
        return unframed(body)
    if suffix == ".gz":
        return gzip.decompress(body)
    return pyarrow.decompress(body, size, {".zst": "zstd", ".lz4": "lz4"}[suffix], asbytes=True)


class Compressed(Case):
    def setUp(self):
        super().setUp()
        with tarfile.open(self.folder / "in.tar", "w") as tar:
            for number in range(SAMPLES):
                for name, body in (("cls", str(number).encode()), ("grid", grid(number)),
                                   ("txt", words(number))):
                    member = tarfile.TarInfo(f"{number:04}.{name}")
                    member.size = len(body)
                    tar.addfile(member, io.BytesIO(body))

    def pack(self, out, *options):
        target = self.folder / f"{out}.json"
        self.expect(0, "pack", "in.tar", out, "--quiet", "--shard-size", "40K", "--json", target,
                    *options)
        return json.loads(target.read_text())

    def job(self, path, on_error="fail"):
        job = self.folder / "job.toml"
        job.write_text(JOB.format(path=path, on_error=on_error))
        return job

    def dump(self, path, *options):
        target = self.folder / f"dump-{path}"
        self.expect(0, "feed", self.job(path), "--quiet", "--dump", target, "--dump-batches", 9,
                    *options)
        return {path.name: path.read_bytes() for path in sorted(target.glob("*.npy"))}

    def test_batches_are_the_same_as_from_plain_fields(self):
        self.pack("plain")
        wanted = self.dump("plain")
        self.assertEqual(len(wanted), 4 * 4)
        for codec, suffix in SUFFIXES.items():
            facts = self.pack(codec, "--compress", codec)
            self.assertEqual(facts["compression"]["fields"], {"grid": codec, "txt": codec})
            inspected = json.loads(self.expect(0, "inspect", codec, "--json", "-").out)
            self.assertEqual([each["name"] for each in inspected["fields"]],
                             ["cls", "grid" + suffix, "txt" + suffix])
            self.expect(0, "verify", codec)
            self.assertEqual(self.dump(codec) == wanted, True, codec)
            self.assertEqual(self.dump(codec, "--cache", "ram") == wanted, True, codec)

    def test_every_record_format_holds_them(self):
        self.pack("plain")
        wanted = self.dump("plain")
        for form in ("tfrecord", "mds", "parquet"):
            self.pack(form, "--compress", "zstd", "--format", form)
            self.assertEqual(self.dump(form) == wanted, True, form)

    def test_other_readers_find_files_that_the_tools_unpack(self):
        for codec, suffix in SUFFIXES.items():
            if pyarrow is None and suffix != ".gz":
                continue
            level = [] if codec == "snappy" else ["--compress-level", 9]
            self.pack(codec, "--compress", codec, "--order", "as-is", *level)
            number = 0
            for shard in sorted((self.folder / codec).glob("*.tar")):
                with tarfile.open(shard) as tar:
                    bodies = {each.name: tar.extractfile(each).read() for each in tar}
                for key in sorted({name.split(".")[0] for name in bodies}):
                    for name, plain in (("grid", grid(number)), ("txt", words(number))):
                        body = bodies[f"{key}.{name}{suffix}"]
                        self.assertEqual(unpacked(suffix, body, len(plain)), plain)
                    number += 1
            self.assertEqual(number, SAMPLES)

    def test_snappy_files_of_another_writer_feed_the_same(self):
        if pyarrow is None:
            self.skipTest("there is no pyarrow")
        wanted = self.dump("in.tar")
        with tarfile.open(self.folder / "sz.tar", "w") as tar:
            for number in range(SAMPLES):
                for name, body in (("cls", str(number).encode()), ("grid.sz", framed(grid(number))),
                                   ("txt.sz", framed(words(number)))):
                    member = tarfile.TarInfo(f"{number:04}.{name}")
                    member.size = len(body)
                    tar.addfile(member, io.BytesIO(body))
        self.assertEqual(self.dump("sz.tar") == wanted, True)

    def test_webdataset_unpacks_gzip_by_itself(self):
        if webdataset is None:
            self.skipTest("there is no webdataset")
        self.pack("gzip", "--compress", "gzip", "--order", "as-is")
        shards = sorted(map(str, (self.folder / "gzip").glob("*.tar")))
        samples = list(webdataset.WebDataset(shards, shardshuffle=False,
                                             empty_check=False).decode())
        self.assertEqual([each["txt.gz"] for each in samples],
                         [words(number).decode() for number in range(SAMPLES)])
        self.assertEqual([each["grid.gz"] for each in samples], list(map(grid, range(SAMPLES))))

    def test_a_tar_compressed_as_a_whole_feeds_the_same(self):
        self.pack("plain", "--order", "as-is")
        wanted = self.dump("plain")
        plain = (self.folder / "in.tar").read_bytes()
        (self.folder / "whole.tar.gz").write_bytes(gzip.compress(plain))
        self.assertEqual(self.dump("whole.tar.gz") == wanted, True)
        (self.folder / "whole.tar.gz").write_bytes(gzip.compress(plain)[:-20])
        self.expect(3, "feed", self.job("whole.tar.gz"), "--quiet",
                    says=["whole.tar.gz at byte", "cut short"])
        facts = json.loads(self.expect(0, "inspect", "plain", "--json", "-").out)
        self.assertEqual(facts["samples"], SAMPLES)

    def test_damage_in_a_frame_ends_the_run_or_is_counted(self):
        self.pack("zip", "--compress", "zstd", "--order", "as-is")
        shard = self.folder / "zip" / "shard-000000.tar"
        raw = shard.read_bytes()
        at = raw.index(b"\x28\xb5\x2f\xfd")
        lone = self.folder / "lone.tar"  # without the index, whose checksums would be first
        for offset in (at, at + 4, at + 5, at + 20):
            lone.write_bytes(raw[:offset] + bytes([raw[offset] ^ 0x20]) + raw[offset + 1:])
            self.expect(3, "feed", self.job("lone.tar"), "--quiet",
                        says=["lone.tar", f"at byte {at}", "damaged"])
        record = self.folder / "record.json"
        self.expect(0, "feed", self.job("lone.tar", "skip"), "--quiet", "--json", record)
        self.assertIn("damaged", record.read_text())

    def test_auto_says_what_it_measured_and_goes_on_with_what_it_chose(self):
        ended = self.expect(0, "pack", "in.tar", "auto", "--compress", "auto", "--shard-size",
                            "40K", "--json", "auto.json",
                            says=["and this store: ", "grid by zstd", "a core"])
        facts = json.loads((self.folder / "auto.json").read_text())["compression"]
        self.assertGreater(facts["store_bytes_per_second"], 1e6, ended.out)
        self.assertEqual({each["codec"] for each in facts["trials"]}, {"zstd", "lz4"})
        names = {path.name: path.read_bytes() for path in (self.folder / "auto").iterdir()}
        (self.folder / "auto" / "shard-000001.tar").unlink()
        (self.folder / "auto" / "headrace.json").rename(self.folder / "manifest")
        (self.folder / "auto" / "headrace.packing.json").write_text(self.mark(facts["fields"]))
        self.expect(3, "pack", "in.tar", "auto", "--compress", "auto", "--shard-size", "40K",
                    says=["with other options"])
        (self.folder / "auto" / "headrace.packing.json").unlink()
        (self.folder / "manifest").rename(self.folder / "auto" / "headrace.json")
        (self.folder / "auto" / "shard-000001.tar").write_bytes(names["shard-000001.tar"])
        self.pack("auto", "--compress", "auto")
        again = {path.name: path.read_bytes() for path in (self.folder / "auto").iterdir()}
        self.assertEqual(again == names, True)

    @staticmethod
    def mark(fields):
        return json.dumps({"plan": "of another", "compressed": [
            name + SUFFIXES[codec] for name, codec in fields.items()]})

    def test_levels_that_a_codec_lacks_are_refused(self):
        pack = ["pack", "in.tar", "x", "--quiet"]
        self.expect(2, *pack, "--compress", "zstd", "--compress-level", 40,
                    says=["zstd has levels 1 to 19"])
        self.expect(2, *pack, "--compress-level", 3, says=["needs a --compress"])


class CompressedTexts(Case):
    """Texts and lines of JSON to tokens, by the model of a byte a token."""

    def setUp(self):
        super().setUp()
        write_pieces(self.folder / "m.model")
        texts = self.folder / "texts"
        texts.mkdir()
        self.lines = "".join(json.dumps({"text": f"number {number}"}) + "\n"
                             for number in range(3000)).encode()
        (texts / "a.jsonl").write_bytes(self.lines)
        (texts / "b.txt").write_bytes(b"one text\nof two lines")
        self.pack = ["pack", "--tokens", "--tokenizer", "m.model", "--end-token", "</s>", "--quiet"]

    def test_make_the_tokens_of_the_plain_ones(self):
        self.expect(0, *self.pack, "texts", "plain")
        for path in list((self.folder / "texts").iterdir()):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        self.expect(0, *self.pack, "texts", "packed")
        for end in (".bin", ".idx"):
            self.assertEqual((self.folder / f"packed{end}").read_bytes(),
                             (self.folder / f"plain{end}").read_bytes())
        tokens = numpy.fromfile(self.folder / "plain.bin", numpy.uint16)
        self.assertEqual(tokens[:9].tolist(), [byte + 1 for byte in b"number 0"] + [257])

    def test_that_are_damaged_end_the_run_and_leave_nothing(self):
        whole = gzip.compress(self.lines)
        for damaged in (whole[:-9], whole[:100] + b"\0\0\0" + whole[103:]):
            (self.folder / "c.jsonl.gz").write_bytes(damaged)
            self.expect(3, *self.pack, "c.jsonl.gz", "out",
                        says=["cannot read texts of c.jsonl.gz at byte", "cannot be decompressed"])
            self.assertEqual(list(self.folder.glob("out*")), [])

    def test_of_raw_numbers_the_type_is_said_and_of_texts_not(self):
        self.expect(2, *self.pack, "--dtype", "uint16", "texts", "out",
                    says=["--tokenizer excludes --dtype"])


if __name__ == "__main__":
    main()
