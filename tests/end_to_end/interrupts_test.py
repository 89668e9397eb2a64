"""Ctrl-C and kill -9: what was whole stays, what was not is gone, and the next run goes on."""
import json
import pathlib
import signal
import sys

from harness import (Case, bytes_of, facts_of, interrupt, main, write_tree)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from byte_tokenizer import write_tokenizer  # noqa: E402


class Interrupted(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", 240)
        self.out = self.folder / "out"
        self.pack = ["pack", "tree", "out", "--shard-size", "64K", "--jobs", "1", "--quiet"]

    def whole(self):
        """The bytes of a packing that nothing disturbed."""
        self.expect(0, "pack", "tree", "whole", *self.pack[3:])
        return bytes_of(self.folder / "whole")

    def stop_pack(self, number):
        process = self.start(*self.pack)
        self.await_file(process, self.out / "shard-000002.tar.hrx")
        interrupt(process, number)
        return self.end(process)

    def finish_pack(self):
        """The second run keeps every whole shard untouched, and ends with the same bytes."""
        before = facts_of(self.out)
        kept = [name for name in before if name.endswith(".tar") and f"{name}.hrx" in before]
        self.assertFalse((self.out / "headrace.json").exists())
        result = json.loads(self.expect(0, *self.pack, "--json", "-").out)
        self.assertGreaterEqual(len(kept), 3)
        self.assertLess(len(kept), result["shards"])
        self.assertEqual(result["shards_kept"], len(kept))
        after = facts_of(self.out)
        for name in kept:
            self.assertEqual(after[name], before[name], name)
            self.assertEqual(after[f"{name}.hrx"], before[f"{name}.hrx"], name)
        self.assertEqual(bytes_of(self.out), self.whole())
        self.expect(0, "verify", "out", says=["whole"])

    def test_ctrl_c_during_pack_leaves_whole_shards_and_the_same_command_goes_on(self):
        ended = self.stop_pack(signal.SIGINT)
        self.check(ended, 130, ["packing stopped in out", "shards are finished",
                                "the same command goes on from there"])
        self.assert_nothing_half_written(self.out)
        self.finish_pack()

    def test_sigterm_during_pack_is_as_ctrl_c(self):
        self.check(self.stop_pack(signal.SIGTERM), 130, ["packing stopped in out"])
        self.assert_nothing_half_written(self.out)

    def test_kill_during_pack_costs_only_the_shard_that_was_open(self):
        self.assertEqual(self.stop_pack(signal.SIGKILL).exit_code, -signal.SIGKILL)
        self.assertEqual(list(self.out.glob("headrace.json")), [])
        self.finish_pack()
        self.assert_nothing_half_written(self.out)

    def test_a_half_packed_folder_says_so_when_it_is_fed(self):
        self.stop_pack(signal.SIGKILL)
        self.expect(2, "feed", "out", "--quiet", says=["out", "headrace pack"])

    def test_ctrl_c_while_a_program_writes_a_shard_ends_the_program_too(self):
        self.environment["HEADRACE_ALLOW_PIPES"] = "sh"
        for verb in (["feed", "--quiet"], ["verify"], ["inspect"]):
            (self.folder / "pid").unlink(missing_ok=True)
            process = self.start(*verb, "pipe:echo $$ > new; mv new pid; sleep 1000; :")
            self.await_file(process, self.folder / "pid")
            interrupt(process)
            self.check(self.end(process), 130, ["stopped the command of", "run it again"])
            pid = int((self.folder / "pid").read_text())
            self.assertFalse(pathlib.Path(f"/proc/{pid}").exists(), verb)
        self.assert_nothing_half_written(self.folder)

    def test_ctrl_c_during_feed_still_reports(self):
        process = self.start("feed", "tree", "--epochs", "0", "--batch", "16", "--step-ms", "5",
                             "--dump", "dump", "--json", "run.json", "--report", "run.html")
        self.await_file(process, self.folder / "dump" / "batch-000000.ids.npy")
        interrupt(process)
        self.check(self.end(process), 130, ["stopped by a signal", "Run", "throughput"])
        record = json.loads((self.folder / "run.json").read_text())
        self.assertGreater(record["totals"]["steps"], 0)
        self.assertEqual(record["totals"]["samples"], 16 * record["totals"]["steps"])
        self.assertIn("</html>", (self.folder / "run.html").read_text())
        self.assert_nothing_half_written(self.folder)


class TextsInterrupted(Case):
    """Token files are whole or not there; a run that was ended goes on from what it saved."""

    def setUp(self):
        super().setUp()
        write_tokenizer(self.folder / "tokenizer.json")
        self.lines = 1_500_000
        (self.folder / "texts.txt").write_text("".join(
            f"line {number} of a text that takes a while\n" for number in range(self.lines)))
        self.pack = ["pack", "--tokens", "--tokenizer", "tokenizer.json", "--texts", "line",
                     "--jobs", "1", "texts.txt", "out", "--quiet"]

    def stop_pack(self, number):
        process = self.start(*self.pack)
        self.await_file(process, self.folder / "out.bin.partial")
        interrupt(process, number)
        return self.end(process)

    def test_ctrl_c_leaves_nothing(self):
        self.check(self.stop_pack(signal.SIGINT), 130, ["stopped while packing texts.txt"])
        self.assertEqual(list(self.folder.glob("out.*")), [])

    def test_after_a_kill_the_same_command_makes_whole_files(self):
        self.assertEqual(self.stop_pack(signal.SIGKILL).exit_code, -signal.SIGKILL)
        self.assertFalse((self.folder / "out.idx").exists())
        result = json.loads(self.expect(0, *self.pack, "--json", "-").out)
        self.assertEqual(result["documents"], self.lines)
        self.assertEqual({path.name for path in self.folder.glob("out.*")}, {"out.bin", "out.idx"})
        self.expect(0, "verify", "out")


if __name__ == "__main__":
    main()
