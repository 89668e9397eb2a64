"""From any format to any other with the same content, however often it is killed on the way."""
import json
import signal
import tarfile

from harness import Case, main, write_tree

FORMATS = ("tfrecord", "parquet", "mds", "tar")


class Convert(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", 41)

    def convert(self, source, target, *options):
        told = self.expect(0, "convert", source, target, "--shard-size", "60K", "--json", "-",
                           *options)
        return json.loads(told.out)

    def test_content_goes_round_all_formats(self):
        facts = self.convert("tree", "at-start")
        self.assertEqual((facts["input_format"], facts["samples"], facts["compared"]),
                         ("image-folder", 41, 41))
        source = "at-start"
        for form in FORMATS:
            again = self.convert(source, f"as-{form}", "--to", form)
            self.assertEqual(again["content_hash"], facts["content_hash"], form)
            source = f"as-{form}"
        first, last = (sorted((self.folder / name).glob("*.tar"))
                       for name in ("at-start", "as-tar"))
        self.assertEqual([path.read_bytes() for path in first],
                         [path.read_bytes() for path in last])

    def test_a_kill_at_any_shard_leaves_what_the_next_run_finishes(self):
        wanted = self.convert("tree", "whole", "--to", "tfrecord")
        whole = {path.name: path.read_bytes() for path in (self.folder / "whole").iterdir()}
        for number in (0, 1, wanted["shards"] - 1):
            process = self.start("convert", "tree", "out", "--to", "tfrecord", "--shard-size",
                                 "60K", "--quiet")
            self.await_file(process, self.folder / "out" / f"shard-{number:06}.tfrecord.hrx")
            process.send_signal(signal.SIGKILL)
            process.communicate()
        facts = self.convert("tree", "out", "--to", "tfrecord")
        self.assertEqual(facts["content_hash"], wanted["content_hash"])
        self.assertGreater(facts["shards_kept"], 0)
        self.assert_nothing_half_written(self.folder / "out")
        made = {path.name: path.read_bytes() for path in (self.folder / "out").iterdir()}
        self.assertEqual(sorted(made), sorted(whole))
        self.assertEqual([name for name in whole if made[name] != whole[name]], [])

    def test_a_tar_keeps_keys_and_fields_that_pack_would_rename(self):
        self.convert("tree", "a")
        with tarfile.open(self.folder / "odd.tar", "w") as tar:
            for name in ("x/one.jpg", "x/one.cls", "two.jpg", "two.json"):
                path = self.folder / "body"
                path.write_text("5" if name.endswith("cls") else "no picture at all")
                tar.add(path, name)
        self.convert("odd.tar", "kept")
        with tarfile.open(self.folder / "kept" / "shard-000000.tar") as tar:
            self.assertEqual(tar.getnames(),
                             ["x/one.cls", "x/one.jpg", "two.jpg", "two.json"])
        self.expect(3, "convert", "odd.tar", "mds", "--to", "mds", says=["other fields than"])
        self.expect(2, "convert", "odd.tar", "x", "--from", "parquet",
                    says=["its bytes are webdataset, not parquet"])


if __name__ == "__main__":
    main()
