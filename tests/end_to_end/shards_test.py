"""Shards that are cut, lie, or change under the run: each is named with its byte, none crashes."""
import json
import os
import shutil
import tarfile

from harness import (Case, main, picture_bytes, set_header_size, write_shard, write_tar)

FEED = ["feed", "data", "--batch", "5", "--quiet"]


class Shards(Case):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.data.mkdir()

    def totals_of(self, *arguments):
        record = json.loads(self.expect(0, *arguments, "--json", "-").out)
        return record["totals"]["samples"], record["skipped"]

    def assert_no_index(self):
        self.assertEqual(list(self.folder.rglob("*.hrx*")), [])


class Several(Shards):
    def test_json_goes_into_a_pipe_instead_of_replacing_it(self):
        write_shard(self.data / "0.tar", 4)
        os.mkfifo(self.folder / "pipe")
        reader = os.open(self.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.expect(0, "inspect", "data", "--json", "pipe")
        self.assertIn(b'"samples"', os.read(reader, 1 << 16))
        self.assertTrue((self.folder / "pipe").is_fifo())

    def test_are_one_data_set_for_every_verb(self):
        write_shard(self.data / "a.tar", 10)
        other = self.folder / "other.tar"
        write_shard(other, 6)
        self.assertEqual(self.totals_of(*FEED, "other.tar")[0], 16)
        self.expect(0, "inspect", "data", "other.tar", says=["16 samples in 2 files"])
        self.expect(0, "verify", "data", "other.tar", says=["16 samples"])
        job = self.folder / "both.toml"
        job.write_text('preset = "imagenet"\n[dataset]\npath = ["other.tar", "data"]\n'
                       '[batch]\nsize = 5\n')
        self.assertEqual(self.totals_of("feed", job, "--quiet")[0], 16)
        self.expect(2, *FEED, "data", says=["data/a.tar", "it is in two of the data sets"])
        self.expect(2, "feed", job, "data", says=["a job stands alone", "dataset.path = ["])


class Damaged(Shards):
    def test_a_truncated_tar_is_named_with_the_member_and_the_byte(self):
        shard = self.data / "a.tar"
        write_shard(shard, 10)
        os.truncate(shard, shard.stat().st_size // 2)
        says = ["data/a.tar at byte", "claims", "bytes where the file has", "make the shard again"]
        for verb in (FEED, ["inspect", "data"]):
            self.expect(3, *verb, says=says)
        self.expect(1, "verify", "data", says=["data/a.tar at byte"])
        self.assert_no_index()

    def skipping_of(self, *source):
        """Samples fed, the list of skipped ones, and what the data set's notes say."""
        record = json.loads(self.expect(0, "feed", *source, "--batch", "5", "--quiet",
                                        "--on-error", "skip", "--json", "-").out)
        skipped = record["skipped"]
        self.assertEqual(len(skipped["listed"]), skipped["count"])
        return record["totals"]["samples"], skipped["listed"], record["dataset"]["notes"]

    def test_one_cut_tar_of_many_costs_only_its_own_samples_where_skipping(self):
        for shard in "abc":
            write_shard(self.data / f"{shard}.tar", 10)
        cut = self.data / "b.tar"
        os.truncate(cut, cut.stat().st_size // 2)
        self.expect(3, *FEED, says=["data/b.tar at byte", "--on-error skip"])
        for options in ([], ["--shuffle", "window"], ["--cache", "ram"], ["--cache", "direct"]):
            fed, listed, notes = self.skipping_of("data", *options)
            self.assertEqual([entry["file"] for entry in listed], ["data/b.tar"], options)
            self.assertEqual(listed[0]["offset_bytes"], cut.stat().st_size)
            self.assertIn("the file ends before the sample does", listed[0]["what"])
            self.assertEqual(fed, 20 + int(listed[0]["key"]))
            self.assertEqual(len(notes), 1)
            self.assertIn("data/b.tar breaks off at byte", notes[0])
        self.expect(0, "feed", "data", "--batch", "5", "--on-error", "skip",
                    says=["Skipped samples: 1", "breaks off at byte"])
        self.expect(3, *FEED, says=["data/b.tar at byte"])
        self.assertEqual(list(self.data.glob("b.tar.*")), [])

    def test_with_an_index_every_sample_that_a_cut_tar_lacks_is_listed(self):
        for shard in "ab":
            write_shard(self.data / f"{shard}.tar", 10)
        self.expect(0, "inspect", "data")
        self.cut_and_count(self.data / "b.tar")

    def test_a_packed_shard_that_was_cut_is_skipped_sample_by_sample(self):
        write_shard(self.folder / "a.tar", 20)
        self.expect(0, "pack", "a.tar", "data", "--quiet", "--shard-size", "140K")
        self.cut_and_count(self.data / "shard-000000.tar")
        self.expect(3, *FEED, says=["shard-000000.tar", "the manifest says"])

    def cut_and_count(self, shard):
        """Of 20 samples, exactly those are listed that the first half of the shard lacks."""
        half = shard.stat().st_size // 2
        with tarfile.open(shard) as tar:
            lost = {member.name.split(".")[0] for member in tar
                    if member.offset_data + member.size > half}
        self.assertGreater(len(lost), 2)
        os.truncate(shard, half)
        fed, listed, notes = self.skipping_of("data")
        self.assertEqual((fed, len(listed)), (20 - len(lost), len(lost)))
        self.assertEqual({entry["file"] for entry in listed}, {f"data/{shard.name}"})
        self.assertIn("cut short", notes[0])

    def test_pack_takes_what_a_cut_tar_has_where_skipping(self):
        write_shard(self.folder / "a.tar", 10)
        os.truncate(self.folder / "a.tar", (self.folder / "a.tar").stat().st_size // 2)
        self.expect(3, "pack", "a.tar", "out", "--quiet", says=["a.tar at byte", "--on-error skip"])
        result = json.loads(self.expect(0, "pack", "a.tar", "out", "--on-error", "skip", "--json",
                                        "-").out)
        self.assertEqual(result["skipped"], 1)
        self.assertIn("the file ends before", result["skipped_listed"][0]["why"])
        self.assertIn("a.tar breaks off at byte", result["notes"][0])
        self.expect(0, "verify", "out", says=["whole"])
        self.assertEqual(self.totals_of("feed", "out", "--batch", "5", "--quiet")[0],
                         result["samples"])

    def test_a_header_that_lies_ends_what_can_be_salvaged(self):
        shard = self.data / "a.tar"
        write_shard(shard, 10)
        raw = bytearray(shard.read_bytes())
        raw[raw.index(b"0004.cls") + 3] ^= 1
        shard.write_bytes(raw)
        fed, listed, notes = self.skipping_of("data")
        self.assertEqual((fed, listed), (4, []))
        self.assertIn("checksum", notes[0])

    def test_a_header_that_claims_more_than_the_file_holds(self):
        shard = self.data / "a.tar"
        write_shard(shard, 10)
        set_header_size(shard, 0, b"77777777777\0")
        self.expect(3, *FEED, says=["data/a.tar at byte 0", "'0000.cls' claims 8589934591 bytes"])
        self.assert_no_index()

    def test_a_header_that_is_no_number(self):
        shard = self.data / "a.tar"
        write_shard(shard, 10)
        for field in (b"-0000000001\0", b"zzzzzzzzzzz\0", b"\xff" * 12):
            set_header_size(shard, 0, field)
            self.expect(3, *FEED, says=["data/a.tar at byte 0"])
        self.assert_no_index()

    def test_a_header_whose_checksum_is_wrong(self):
        shard = self.data / "a.tar"
        write_shard(shard, 10)
        raw = bytearray(shard.read_bytes())
        raw[3] ^= 1
        shard.write_bytes(raw)
        self.expect(3, *FEED, says=["data/a.tar at byte 0", "checksum"])

    def test_names_that_leave_the_folder_stay_names(self):
        names = ["../../evil", "/abs/evil", "a/../../evil2", "ok"]
        members = [(f"{name}.{kind}", body) for name in names
                   for kind, body in (("cls", b"1"), ("jpg", picture_bytes(1)))]
        write_tar(self.data / "a.tar", members)
        self.assertEqual(self.totals_of(*FEED)[0], 4)
        self.expect(0, "pack", "data/a.tar", "inner/out", "--quiet")
        self.expect(0, "verify", "inner/out")
        outside = [path for path in self.folder.rglob("*") if "evil" in path.name]
        self.assertEqual(outside, [])
        self.assertEqual(sorted(path.name for path in (self.folder / "inner").iterdir()), ["out"])


class Disagreeing(Shards):
    def setUp(self):
        super().setUp()
        write_shard(self.data / "a.tar", 10)
        self.expect(0, "inspect", "data")
        self.index = next(self.data.glob("*.hrx"))

    def test_an_index_of_another_shard_is_made_again(self):
        write_shard(self.data / "a.tar", 17)
        self.assertEqual(self.totals_of(*FEED)[0], 17)

    def test_a_spoiled_index_is_made_again(self):
        whole = self.index.read_bytes()
        for at in (0, 9, len(whole) // 2, len(whole) - 1):
            spoiled = bytearray(whole)
            spoiled[at] ^= 0x40
            self.index.write_bytes(spoiled)
            self.assertEqual(self.totals_of(*FEED)[0], 10, f"byte {at}")
            self.assertEqual(self.index.read_bytes(), whole, f"byte {at}")

    def test_an_index_cut_short_is_made_again(self):
        whole = self.index.read_bytes()
        for size_bytes in (0, 7, 100, len(whole) - 1):
            self.index.write_bytes(whole[:size_bytes])
            self.assertEqual(self.totals_of(*FEED)[0], 10, f"{size_bytes} bytes")
            self.assertEqual(self.index.read_bytes(), whole)

    def test_bytes_that_changed_under_the_same_size_are_found_by_their_checksum(self):
        shutil.rmtree(self.data)
        write_shard(self.folder / "a.tar", 10)
        self.expect(0, "pack", "a.tar", "data", "--quiet", "--recode", "off")
        shard = next(self.data.glob("*.tar"))
        raw = bytearray(shard.read_bytes())
        at = raw.index(b"\xff\xd8\xff") + 600
        raw[at] ^= 0x10
        shard.write_bytes(raw)
        self.expect(3, *FEED, says=["shard-000000.tar at byte", "checksum"])
        samples, skipped = self.totals_of(*FEED, "--on-error", "skip")
        self.assertEqual((samples, skipped["count"]), (9, 1))
        self.assertIn("checksum", skipped["listed"][0]["what"])
        self.assertLess(skipped["listed"][0]["offset_bytes"], at)
        self.expect(1, "verify", "data", says=["damaged: 2 places", "shard-000000.tar at byte"])


class Changing(Shards):
    """The last of four shards goes away, or loses its second half, once the first batch is out."""

    def setUp(self):
        super().setUp()
        for shard in range(4):
            write_shard(self.data / f"{shard}.tar", 25)
        self.expect(0, "inspect", "data")
        (self.folder / "job.toml").write_text(
            '[dataset]\npath = "data"\n[order]\nshuffle = "none"\n[batch]\nsize = 5\n'
            '[loader]\nprefetch = 1\nread_ahead = "1M"\n[device]\nstep_ms = 20\n')

    def feed_and(self, change, *options):
        process = self.start("feed", "job.toml", "--dump", "dump", "--json", "run.json", *options)
        self.await_file(process, self.folder / "dump" / "batch-000000.ids.npy")
        change(self.data / "3.tar")
        return self.end(process)

    def cut(self, shard):
        os.truncate(shard, shard.stat().st_size // 2)

    def skipped(self):
        record = json.loads((self.folder / "run.json").read_text())
        skipped = record["skipped"]
        self.assertEqual(record["totals"]["samples"] + skipped["count"], 100)
        self.assertEqual({entry["file"] for entry in skipped["listed"]}, {"data/3.tar"})
        return skipped["count"]

    def test_a_shard_that_vanishes_ends_the_run(self):
        ended = self.feed_and(os.remove, "--cache", "page")
        self.check(ended, 3, ["data/3.tar at byte 512", "No such file or directory"])

    def test_an_index_that_shrinks_ends_the_run_with_its_name(self):
        index = self.data / "3.tar.hrx"
        ended = self.feed_and(lambda _: os.truncate(index, 0))
        self.check(ended, 3, [str(index), "cut short while in use", "headrace verify"])

    def test_a_shard_that_vanishes_is_skipped_where_asked(self):
        self.check(self.feed_and(os.remove, "--on-error", "skip"), 0, ["Skipped samples: 25"])
        self.assertEqual(self.skipped(), 25)

    def test_a_shard_that_shrinks_ends_the_run(self):
        ended = self.feed_and(self.cut, "--cache", "page")
        self.check(ended, 3, ["data/3.tar at byte", "the file ends before the sample does"])

    def test_a_mapped_shard_that_shrinks_ends_the_run_with_its_name(self):
        """By default: it lies in the page cache."""
        ended = self.feed_and(self.cut)
        self.check(ended, 3, ["data/3.tar: it was cut short while in use", "headrace verify"])

    def test_a_shard_that_shrinks_is_skipped_where_asked(self):
        self.check(self.feed_and(self.cut, "--on-error", "skip"), 0, ["Skipped samples: 13"])
        self.assertEqual(self.skipped(), 13)


if __name__ == "__main__":
    main()
