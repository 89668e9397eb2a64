"""feed --device and --trace, from the command to its report: over the stand-ins for NVIDIA's
libraries, which $HEADRACE_STAND_INS holds; exits 77 (skip) without it.
"""
import json
import os
import pathlib
import signal
import sys

from harness import Case, interrupt, main, numpy, write_shard, write_tree

STAND_INS = os.environ.get("HEADRACE_STAND_INS")
LIBRARIES = {"cuda": "libcuda.so.1", "nvjpeg": "libnvjpeg.so.13", "nvcomp": "libnvcomp.so.5"}


class OnDevice(Case):
    def setUp(self):
        super().setUp()
        write_shard(self.folder / "a.tar", 64)
        self.with_libraries("cuda")

    def with_libraries(self, *names):
        folder = self.folder / "libraries"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / LIBRARIES[name]).symlink_to(f"{STAND_INS}/lib{name}_stand_in.so")
        self.environment["LD_LIBRARY_PATH"] = str(folder)

    def feed(self, *arguments, exit_code=0, says=()):
        return self.expect(exit_code, "feed", "a.tar", "--batch", 8, "--workers", 2, *arguments,
                           says=says)

    def assert_said(self, text, *parts):
        for part in parts:
            self.assertIn(part, " ".join(text.split()))

    def record(self, *arguments):
        return json.loads(self.feed("--device", "cuda:0", "--json", "-", *arguments).out)


class Feed(OnDevice):
    def test_the_report_names_the_device_and_what_its_link_did(self):
        text = self.feed("--device", "cuda:0", "--epochs", 5, "--step-ms", 15).out
        self.assert_said(text, "host-to-device link", "copied at",
                         "cuda:0 (stand-in): idle for data",
                         "of the copies' time is behind the device's work")

    def test_the_record_has_the_links_figures_and_the_stages_of_the_device(self):
        record = self.record("--epochs", 6)
        link = record["window"]["link"]
        self.assertEqual(link["device"], "cuda:0 (stand-in)")
        self.assertGreater(link["copies"], 20)
        self.assertGreater(link["bytes"], 0)
        self.assertEqual((link["decode_s"], link["fields"], link["why_not_on_device"]), (0, [], ""))
        stages = {stage["name"]: stage for stage in record["window"]["stages"]}
        self.assertEqual(stages["host-to-device link"]["pool"], "device")
        self.assertIn('name = "cuda:0"', record["job_toml"])

    def test_what_lies_on_the_device_is_what_the_host_would_have(self):
        self.feed("--device", "cuda:0", "--dump", "there", "--dump-batches", 9)
        self.feed("--dump", "here", "--dump-batches", 9)
        names = sorted(path.name for path in (self.folder / "here").iterdir())
        self.assertEqual(len(names), 8 * 3)
        for name in names:
            numpy.testing.assert_array_equal(numpy.load(self.folder / "there" / name),
                                             numpy.load(self.folder / "here" / name), name)

    def test_pictures_are_decoded_there_and_the_report_says_how_long_that_took(self):
        self.with_libraries("nvjpeg")
        (self.folder / "job.toml").write_text(
            '[dataset]\npath = "a.tar"\ncache = "page"\n[batch]\nsize = 8\n'
            '[device]\nname = "cuda:0"\n[order]\nepochs = 4\n'
            '[[field]]\nname = "image"\nfrom = "jpg"\nsize = 32\ndecode = "gpu"\n')
        self.environment["NVTX_INJECTION64_PATH"] = f"{STAND_INS}/libnvtx_stand_in.so"
        self.environment["NVTX_STAND_IN_LOG"] = str(self.folder / "ranges")
        ended = self.run_command("feed", "job.toml", "--json", "record.json")
        if "this build has none" in ended.err:
            self.skipTest("built without kernels: no nvcc")
        self.check(ended, 0)
        self.assert_said(ended.out, "device decode", "device kernels",
                         "field image: 100 % of its rows are made on cuda:0 (stand-in)")
        link = json.loads((self.folder / "record.json").read_text())["window"]["link"]
        self.assertGreater(link["decode_s"], 0)
        self.assertGreater(link["kernel_s"], 0)
        self.assertEqual(link["fields"], [{"name": "image", "device_share": 1.0}])
        ranges = set((self.folder / "ranges").read_text().splitlines())
        self.assertLessEqual({"push copy", "push device decode", "push device kernels", "push read",
                              "push decode", "push wait", "name headrace copier"}, ranges)

    def test_without_a_driver_or_that_device_nothing_is_read_and_it_says_how_to_get_it(self):
        self.feed("--device", "cuda:7", exit_code=2, says=["cuda:7", "nvidia-smi -L"])
        self.feed("--device", "gpu", exit_code=2, says=["cannot tell the device", "cuda:0"])
        self.environment["LD_LIBRARY_PATH"] = ""
        if not pathlib.Path("/proc/driver/nvidia/version").exists():
            self.feed("--device", "cuda", exit_code=2, says=["libcuda.so.1", "NVIDIA's driver"])


class Trace(OnDevice):
    """The format is Chrome's; what is checked is what ui.perfetto.dev needs to draw it."""

    def check_trace(self, path):
        trace = json.loads(path.read_text())
        self.assertEqual(set(trace), {"displayTimeUnit", "traceEvents", "otherData"})
        rows, groups, spans, pairs = {}, {}, {}, {}
        for event in trace["traceEvents"]:
            kind = event["ph"]
            self.assertIn(kind, ("M", "X", "b", "e"), event)
            row = event["pid"], event.get("tid")
            if kind == "M" and event["name"] == "thread_name":
                rows[row] = event["args"]["name"]
            elif kind == "M" and event["name"] == "process_name":
                groups[event["pid"]] = event["args"]["name"]
            elif kind == "X":
                self.assertGreaterEqual(event["dur"], 0, event)
                spans.setdefault(row, []).append((event["ts"], -event["dur"], event["name"]))
            elif kind in "be":
                pairs.setdefault((event["pid"], event["cat"], event["id"]), []).append(event)
        for row in spans:
            self.assertIn(row, rows, "a row without a name")
            self.assertIn(row[0], groups)
            self.check_nesting(rows[row], spans[row])
        for begin, end in pairs.values():
            self.assertEqual((begin["ph"], end["ph"]), ("b", "e"))
            self.assertLessEqual(begin["ts"], end["ts"])
        named = {(groups[pid], rows[pid, tid]): {name for _, _, name in found}
                 for (pid, tid), found in spans.items()}
        return trace, named, len(pairs)

    def check_nesting(self, row, spans):
        """A viewer drops spans of a row that overlap without one being within the other."""
        open_until = []
        for begin, minus_length, name in sorted(spans):
            end = begin - minus_length
            while open_until and open_until[-1] <= begin + 0.0015:
                open_until.pop()
            if open_until:
                self.assertLessEqual(end, open_until[-1] + 0.0015, (row, name, begin))
            open_until.append(end)

    def test_every_thread_slot_and_stage_has_its_row(self):
        self.feed("--device", "cuda:0", "--cache", "page", "--engine", "threads", "--epochs", 4,
                  "--step-ms", 2, "--trace", "t.json")
        trace, named, read_count = self.check_trace(self.folder / "t.json")
        self.assertEqual(trace["otherData"]["left_out"], 0)
        self.assertGreaterEqual(read_count, 4)
        self.assertLessEqual({"samples", "decode", "resize"}, named["threads", "worker 0"])
        self.assertIn("read", named["threads", "reader"])
        self.assertLessEqual({"copy", "wait"}, named["threads", "copier"])
        self.assertIn("wait", named["threads", "consumer"])
        for group in "batches in host memory", "cuda:0 (stand-in)":
            lives = [names for row, names in named.items()
                     if row[0] == group and row[1].startswith("batch ")]
            self.assertIn({"making", "ready", "lent"}, lives)
        self.assertEqual(named["cuda:0 (stand-in)", "copy stream"], {"host-to-device link"})
        self.assertEqual(named["cuda:0 (stand-in)", "reader's stream"], {"idle for data"})
        self.assertEqual(named["cuda:0 (stand-in)", "emulated steps"], {"step"})

    def test_ctrl_c_leaves_a_whole_trace_and_a_failing_run_its_own(self):
        process = self.start("feed", "a.tar", "--batch", 8, "--epochs", 0, "--step-ms", 5,
                             "--trace", "t.json", "--quiet")
        self.await_file(process, self.folder / "t.json.partial")
        interrupt(process, signal.SIGINT)
        self.check(self.end(process), 130)
        self.check_trace(self.folder / "t.json")
        write_tree(self.folder / "tree", 30)
        (self.folder / "tree/class-0/0000.jpg").write_bytes(b"no picture")
        self.expect(3, "feed", "tree", "--batch", 8, "--trace", "failed.json")
        self.check_trace(self.folder / "failed.json")
        self.assert_nothing_half_written(self.folder)

    def test_where_no_file_can_be_it_says_so_before_anything_is_read(self):
        self.feed("--trace", "gone/t.json", exit_code=2, says=["gone/t.json"])
        self.feed("--trace", "/dev/null", exit_code=2, says=["cannot write a trace to /dev/null"])


if __name__ == "__main__":
    if STAND_INS is None:
        print("skipped: $HEADRACE_STAND_INS is not set; ctest sets it")
        sys.exit(77)
    main()
