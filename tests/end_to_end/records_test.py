"""Shards that are unpacked before they are read: JSON lines, and Parquet as pyarrow writes it."""
import gzip
import io
import json
import pathlib
import tarfile

from harness import Case, main, write_tree

JOB = """
[dataset]
path = "{path}"
[batch]
size = 16
[[field]]
name = "text"
from = "txt"
kind = "bytes"
shape = [64]
[[field]]
name = "label"
from = "cls"
kind = "integer"
"""


class DamagedRecords(Case):
    def test_a_tfrecord_that_does_not_fit_its_checksum_is_skipped_alone(self):
        write_tree(self.folder / "tree", 12)
        self.expect(0, "pack", "tree", "whole", "--format", "tfrecord")
        shard = self.folder / "whole" / "shard-000000.tfrecord"
        record = bytearray(shard.read_bytes())
        second = 16 + int.from_bytes(record[:8], "little")
        record[second + 100] ^= 1
        (self.folder / "bad.tfrecord").write_bytes(record)
        feed = ["feed", "bad.tfrecord", "--batch", "4", "--epochs", "1", "--quiet"]
        self.expect(3, *feed, says=["bad.tfrecord", f"at byte {second}", "--on-error skip"])
        self.expect(0, *feed, "--on-error", "skip", "--json", "run.json")
        run = json.loads((self.folder / "run.json").read_text())
        self.assertEqual(run["totals"]["samples"], 11)
        self.expect(0, "convert", "bad.tfrecord", "left", "--to", "tfrecord", "--on-error", "skip",
                    says=["converted 11 samples", "bad.tfrecord:1", "1 record does not fit"])


class Records(Case):
    def setUp(self):
        super().setUp()
        self.samples = [{"txt": f'text "{number}" \u00e9\n' * (number % 7), "cls": number % 5 - 2}
                        for number in range(100)]

    def write_lines(self, name, samples, line_end="\n"):
        text = "".join(json.dumps(each) + line_end for each in samples).encode()
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)

    def write_tar(self):
        with tarfile.open(self.folder / "a.tar", "w") as tar:
            for number, each in enumerate(self.samples):
                for name, value in sorted(each.items()):
                    body = str(value).encode()
                    member = tarfile.TarInfo(f"{number:03}.{name}")
                    member.size = len(body)
                    tar.addfile(member, io.BytesIO(body))

    def dump(self, *arguments):
        target = self.folder / f"dump-{len(list(self.folder.iterdir()))}"
        ended = self.expect(0, "feed", *arguments, "--dump", target, "--dump-batches", 6, "--json",
                            self.folder / "record.json", "--quiet")
        self.assertEqual(ended.err, "")
        return {path.name: path.read_bytes() for path in sorted(target.iterdir())
                if path.suffix == ".npy"}

    def dump_job(self, path):
        (self.folder / "job.toml").write_text(JOB.format(path=path))
        return self.dump("job.toml")

    def test_lines_give_the_batches_of_a_tar_of_the_same_samples(self):
        self.write_tar()
        self.write_lines("lines/a.jsonl", self.samples[:40])
        self.write_lines("lines/b.jsonl.gz", self.samples[40:], "\r\n\n")
        wanted = self.dump_job("a.tar")
        self.assertEqual(len(wanted), 18)
        self.assertEqual(self.dump_job("lines"), wanted)
        note, = json.loads((self.folder / "record.json").read_text())["dataset"]["notes"]
        self.assertIn("unpacked 2 of 2 files, the first to", note)
        copies = list((self.folder / "cache").rglob("*.tfrecord"))
        self.assertEqual(sorted(path.name for path in copies),
                         ["a.jsonl.tfrecord", "b.jsonl.gz.tfrecord"])
        times = [path.stat().st_mtime_ns for path in copies]
        self.expect(0, "verify", "lines", says=["100 samples"])
        self.assertEqual(self.dump_job("lines"), wanted)
        self.assertEqual(times, [path.stat().st_mtime_ns for path in copies])
        self.assert_nothing_half_written(self.folder)

    def test_a_broken_line_is_told_of_by_every_verb(self):
        self.write_lines("a.jsonl", self.samples[:3])
        with open(self.folder / "a.jsonl", "a") as file:
            file.write('{"txt": "cut')
        at = sum(len(json.dumps(each)) + 1 for each in self.samples[:3])
        said = [f"a.jsonl at byte {at}: line 4: "]
        self.expect(1, "verify", "a.jsonl", says=[f"a.jsonl at byte {at}", "line 4: "])
        for verb in (["inspect"], ["pack", "--quiet"]):
            self.expect(3, verb[0], "a.jsonl", *(["out"] if verb[0] == "pack" else []), *verb[1:],
                        says=said)
        (self.folder / "job.toml").write_text(JOB.format(path="a.jsonl"))
        self.expect(3, "feed", "job.toml", "--quiet", says=said)
        self.assertEqual(list((self.folder / "cache").rglob("*.tfrecord")), [])
        self.assert_nothing_half_written(self.folder)

    def test_a_copy_that_was_stopped_half_way_is_made_again(self):
        self.write_lines("a.jsonl", self.samples)
        wanted = self.dump_job("a.jsonl")
        copy, = (self.folder / "cache").rglob("*.tfrecord")
        copy.rename(copy.with_name(copy.name + ".partial"))  # as a kill leaves it
        pathlib.Path(f"{copy}.hrx").unlink()
        self.assertEqual(self.dump_job("a.jsonl"), wanted)
        self.assert_nothing_half_written(self.folder)

    def test_compressed_parquet_gives_the_batches_of_the_tar(self):
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            self.skipTest("no pyarrow")
        write_tree(self.folder / "tree", 41)
        self.expect(0, "pack", "tree", "tar", "--quiet", "--recode", "off")
        rows = {}
        with tarfile.open(next((self.folder / "tar").glob("*.tar"))) as tar:
            for member in tar:
                key, name = member.name.split(".")
                rows.setdefault(key, {})[name] = tar.extractfile(member).read()
        table = pyarrow.Table.from_pylist(
            [{"jpg": row["jpg"], "cls": int(row["cls"])} for row in rows.values()])
        feed = ["--batch", "8", "--preset", "imagenet"]
        wanted = self.dump("tar", *feed)
        for codec in ("snappy", "zstd", "gzip", "lz4"):
            pyarrow.parquet.write_table(table, self.folder / f"{codec}.parquet", compression=codec,
                                        row_group_size=10)
            self.assertEqual(self.dump(f"{codec}.parquet", *feed) == wanted, True, codec)


if __name__ == "__main__":
    main()
