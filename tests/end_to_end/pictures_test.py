"""Pictures that are empty, cut, misnamed or none at all, from a tree and from shards."""
import json

from harness import Case, main, picture_bytes, write_tree

TREE = ["feed", "tree", "--batch", "8"]


class Pictures(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", 20)
        self.bad = self.folder / "tree" / "class-0" / "bad.jpg"

    def feed_skipping(self, source):
        self.expect(0, "feed", source, "--batch", "8", "--on-error", "skip", "--json", "run.json",
                    says=["Skipped samples: 1"])
        record = json.loads((self.folder / "run.json").read_text())
        self.assertEqual(record["totals"]["samples"], 20)
        self.assertEqual(record["skipped"]["count"], 1)
        return record["skipped"]["listed"][0]

    def test_an_empty_picture(self):
        self.bad.write_bytes(b"")
        self.expect(3, *TREE, "--quiet", says=["tree/class-0/bad.jpg at byte 0", "--on-error skip"])
        self.assertEqual(self.feed_skipping("tree")["key"], "class-0/bad.jpg")
        self.expect(1, "verify", "tree", says=["tree/class-0/bad.jpg at byte 0", "empty"])
        self.expect(3, "pack", "tree", "out", "--quiet",
                    says=["tree/class-0/bad.jpg", "empty", "--on-error skip"])

    def test_a_picture_that_pack_refuses_is_left_out_on_request_and_listed(self):
        self.bad.write_bytes(b"this is text")
        self.expect(3, "pack", "tree", "out", "--quiet", says=["neither JPEG, PNG nor WebP"])
        # What the message says next works as it says, in the folder that the first run left.
        ended = self.expect(0, "pack", "tree", "out", "--on-error", "skip", "--json", "pack.json",
                            says=["1 sample skipped", "tree/class-0/bad.jpg"])
        self.assertNotIn("hint:", ended.out)
        result = json.loads((self.folder / "pack.json").read_text())
        self.assertEqual((result["samples"], result["skipped"]), (20, 1))
        self.assertEqual(result["skipped_listed"][0]["name"], "tree/class-0/bad.jpg")
        self.expect(0, "feed", "out", "--batch", "8", "--quiet")
        self.assert_nothing_half_written(self.folder / "out")

    def test_a_picture_cut_short(self):
        self.bad.write_bytes(picture_bytes(7)[:2000])
        self.expect(3, *TREE, "--quiet", says=["tree/class-0/bad.jpg at byte", "cut short"])
        self.assertIn("cut short", self.feed_skipping("tree")["what"])
        self.expect(0, "pack", "tree", "out", says=["1 JPEG not recoded: broken",
                                                   "--on-error skip"])
        self.expect(3, "feed", "out", "--batch", "8", "--quiet",
                    says=["out/shard-000000.tar at byte", "cut short", "--on-error skip"])
        self.assertTrue(self.feed_skipping("out")["file"].endswith("shard-000000.tar"))
        # It was cut before it was packed, so that its checksum holds: only decoding it tells.
        for source, place in (("tree", "tree/class-0/bad.jpg"), ("out", "out/shard-000000.tar")):
            self.expect(0, "verify", source)
            self.expect(1, "verify", source, "--decode",
                        says=[f"{place} at byte", "the picture is broken", "cut short",
                              "21 pictures decoded"])

    def test_a_picture_with_the_wrong_ending_is_told_by_its_bytes(self):
        self.bad.write_bytes(picture_bytes(7, format="PNG"))
        for source in ("tree", "out"):
            if source == "out":
                self.expect(0, "pack", "tree", "out", "--quiet")
            record = json.loads(self.expect(0, "feed", source, "--batch", "8", "--quiet",
                                            "--json", "-").out)
            self.assertEqual(record["totals"]["samples"], 21)
        facts = json.loads(self.expect(0, "inspect", "out", "--json", "-").out)
        self.assertIn("png", [field["name"] for field in facts["fields"]])

    def test_more_bad_pictures_than_allowed_end_the_run(self):
        for number in range(3):
            self.bad.with_name(f"bad{number}.jpg").write_bytes(b"\xff\xd8\xff")
        (self.folder / "job.toml").write_text(
            '[dataset]\npath = "tree"\n[loader]\non_error = "skip"\nmax_skipped = 2\n')
        self.expect(3, "feed", "job.toml", "--quiet",
                    says=["more than 2 samples are bad", "loader.max_skipped"])


if __name__ == "__main__":
    main()
