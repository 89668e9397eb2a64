"""Real faults of file systems: full, read-only, and gone in mid-run. Each needs mount (root)."""
import json
import subprocess

from harness import (Case, bytes_of, facts_of, main, shut_down, write_shard, write_tree)


class FullDisk(Case):
    def test_pack_keeps_what_is_whole_and_goes_on_when_there_is_room(self):
        write_tree(self.folder / "tree", 120)
        out = self.folder / "out"
        self.mount(out, "-t", "tmpfs", "-o", "size=600K", "tmpfs")
        pack = ["pack", "tree", "out", "--shard-size", "128K", "--quiet"]
        self.expect(3, *pack, says=["cannot write out/shard-0000", ".partial at byte",
                                    "No space left on device", "hint: free space"])
        self.assert_nothing_half_written(out)
        self.assertFalse((out / "headrace.json").exists())
        before = facts_of(out)
        kept = [name for name in before if name.endswith(".tar") and f"{name}.hrx" in before]
        self.assertGreaterEqual(len(kept), 2)
        subprocess.run(["mount", "-o", "remount,size=16M", out], check=True)
        result = json.loads(self.expect(0, *pack, "--json", "-").out)
        self.assertEqual(result["shards_kept"], len(kept))
        self.assertEqual({name: facts_of(out)[name] for name in kept},
                         {name: before[name] for name in kept})
        self.expect(0, "pack", "tree", "whole", *pack[3:])
        self.assertEqual(bytes_of(out), bytes_of(self.folder / "whole"))

    def test_a_report_that_does_not_fit_is_an_error_and_leaves_nothing(self):
        write_shard(self.folder / "a.tar", 16)
        small = self.folder / "small"
        self.mount(small, "-t", "tmpfs", "-o", "size=4K", "tmpfs")
        self.expect(3, "feed", "a.tar", "--batch", "8", "--quiet", "--report", "small/run.html",
                    says=["small/run.html", "No space left on device"])
        self.assertEqual(list(small.iterdir()), [])


class ReadOnly(Case):
    def test_the_index_is_kept_in_the_cache_folder_and_used_again(self):
        data = self.folder / "data"
        self.mount(data, "-t", "tmpfs", "-o", "size=8M", "tmpfs")
        write_shard(data / "a.tar", 20)
        subprocess.run(["mount", "-o", "remount,ro", data], check=True)
        feed = ["feed", "data", "--batch", "5", "--quiet", "--json", "-"]
        totals = json.loads(self.expect(0, *feed).out)["totals"]
        self.assertEqual(totals["samples"], 20)
        self.assertEqual([path.name for path in data.iterdir()], ["a.tar"])
        indexes = [path for path in (self.folder / "cache").rglob("*.hrx")]
        self.assertEqual(len(indexes), 1)
        before = facts_of(indexes[0].parent)
        self.expect(0, *feed)
        self.assertEqual(facts_of(indexes[0].parent), before)

    def test_pack_into_it_says_so(self):
        write_tree(self.folder / "tree", 4)
        out = self.folder / "out"
        self.mount(out, "-t", "tmpfs", "-o", "ro", "tmpfs")
        self.expect(3, "pack", "tree", "out", "--quiet",
                    says=["cannot create out/", "Read-only file system", "choose another place"])


class LostDevice(Case):
    """The kernel's own EIO: an ext4 that is shut down while the command reads from it."""

    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.mount_ext4(self.data, 32 << 20)
        for shard in range(4):
            write_shard(self.data / f"{shard}.tar", 25)
        self.expect(0, "inspect", "data")

    def feed_and_lose(self, *options):
        process = self.start("feed", "data", "--batch", "5", "--prefetch", "1", "--step-ms", "50",
                             "--dump", "dump", "--json", "run.json", "--workers", "1", *options)
        self.await_file(process, self.folder / "dump" / "batch-000000.ids.npy")
        shut_down(self.data)
        return self.end(process)

    def check_engine(self, engine):
        ended = self.feed_and_lose("--engine", engine)
        self.check(ended, 3, [".tar at byte", "Input/output error", "dmesg"])

    def test_a_uring_read_that_fails_ends_the_run_with_file_and_offset(self):
        self.check_engine("uring")

    def test_a_thread_s_read_that_fails_ends_the_run_with_file_and_offset(self):
        self.check_engine("threads")

    def test_a_plain_read_that_fails_ends_the_run_with_file_and_offset(self):
        self.check_engine("psync")

    def test_with_skip_the_lost_samples_are_counted_and_listed(self):
        ended = self.feed_and_lose("--on-error", "skip")
        self.check(ended, 0, ["Skipped samples:", "Input/output error"])
        record = json.loads((self.folder / "run.json").read_text())
        skipped = record["skipped"]
        self.assertEqual(record["totals"]["samples"] + skipped["count"], 100)
        self.assertEqual(len(skipped["listed"]), skipped["count"])
        self.assertTrue(all(entry["file"].startswith("data/") for entry in skipped["listed"]))


if __name__ == "__main__":
    main()
