"""The command's manners: where results go and cannot go, words that it does not know, numbers that
are none. Usage and exit status as harness.py says."""
import subprocess

from harness import HEADRACE, Case, main, write_tar, write_tree

FEED = ["--preset", "imagenet", "--batch", "4"]


class OutputTest(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", 8)

    def test_a_full_disk_behind_a_redirection_is_no_success(self):
        for arguments in (["inspect", "tree"], ["verify", "tree", "--json", "-"],
                          ["feed", "tree", *FEED, "--json", "-"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                ended = subprocess.run([HEADRACE, *arguments], cwd=self.folder, stdout=full,
                                       stderr=subprocess.PIPE, text=True, env=self.environment,
                                       check=False)
            self.assertEqual(ended.returncode, 3, ended.stderr)
            self.assertIn("cannot write standard output: No space left", ended.stderr)

    def test_a_place_that_takes_no_result_is_refused_before_the_run(self):
        for option in ("--json", "--report"):
            ended = self.expect(2, "feed", "tree", *FEED, option, "absent/x",
                                says=["cannot write absent/x: its folder: No such file"])
            self.assertNotIn("opening", ended.err)
            self.expect(2, "feed", "tree", *FEED, option, "tree", says=["it is a folder"])
        self.expect(3, "doctor", "tree", "--json", "tree", says=["it is a folder"])

    def test_a_pipe_that_nobody_reads_to_its_end_is_no_mistake(self):
        with subprocess.Popen([HEADRACE, "inspect", "tree", "--json", "-"], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            process.wait()

    def test_words_that_are_unknown_are_named_with_their_nearest(self):
        self.expect(2, "inspct", "tree", says=["there is no verb inspct; hint: nearest: inspect"])
        self.expect(2, "feed", "tree", "--bacth", "4", says=["no option --bacth", "--batch"])
        self.expect(3, "doctor", "--fax", says=["there is no option --fax", "nearest: --fix"])

    def test_numbers_that_are_none_are_refused_as_they_were_typed(self):
        for number, why in (("-3", "-3 is no whole number from 0"), ("010", "write 10"),
                            ("99999999999999999999", "is too large")):
            self.expect(2, "feed", "tree", "--batch", number, says=[why])
            self.expect(2, "verify", "tree", "--jobs", number, says=[why])
        self.expect(2, "pack", "tree", "out", "--shard-size", "0", says=["holds nothing"])
        self.expect(2, "feed", "tree", "--device", 'cuda"0', says=['cuda"0'])

    def test_no_name_in_a_data_set_paints_the_terminal(self):
        write_tar(self.folder / "x.tar", [("a.\x1b[31mx", b"1"), ("b.jpg", b"no picture")])
        for arguments in (["inspect", "x.tar"], ["verify", "x.tar"], ["feed", "x.tar", *FEED],
                          ["pack", "x.tar", "out"], ["feed", "\x1b[31m"], ["feed", "--\x1b[31m"]):
            ended = self.run_command(*arguments)
            self.assertNotIn("\x1b", ended.out + ended.err, arguments)

    def test_the_next_command_may_be_pasted(self):
        self.expect(0, "pack", "tree", "my shards", says=["next: headrace feed 'my shards' --"])
        self.expect(0, "convert", "my shards", "it's", says=["headrace inspect 'it'\\''s'"])

    def test_a_line_of_a_list_that_names_nothing_is_told(self):
        (self.folder / "list.txt").write_text("tree/class-0/0000.jpg\nabsent.jpg\n")
        self.expect(2, "pack", "list.txt", "out", says=["absent.jpg", "line 2 of list.txt"])
        (self.folder / "list.txt").write_text("tree/class-0/0000.jpg\n")
        self.expect(0, "pack", "list.txt", "out")


if __name__ == "__main__":
    main()
