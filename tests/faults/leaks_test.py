"""Storage that fails leaves nothing behind: descriptors, threads and memory are counted over many
loaders in one process, each of which ends in the fault. Usage: leaks_test.py HEADRACE FAULT_CYCLES.
"""
import json
import os
import pathlib
import subprocess
import sys

from storage_case import (BYTES_PER_SECOND, ENGINES, SETUP, Throttled, confine, filter_of,
                          join, write_samples)
from harness import LIMIT_S, main, shut_down

PROGRAM = pathlib.Path(sys.argv.pop(2)).resolve()
CYCLES = 12
MEMORY_BYTES = 8 << 20  # one arena of a loader is more


class Leaks(Throttled):
    def cycles(self, data, *, engine="auto", breaks=lambda: None, preexec=None):
        """What was counted over loaders made after `breaks` broke something."""
        (self.folder / "job.toml").write_text(
            f'preset = "raw"\n[dataset]\npath = "{data}"\ncache = "direct"\n[batch]\nsize = 8\n'
            f'[loader]\nengine = "{engine}"\nworkers = 2\nread_ahead = "16M"\n')
        process = subprocess.Popen([PROGRAM, "job.toml", str(CYCLES)], cwd=self.folder, text=True,
                                   env=self.environment, preexec_fn=preexec, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        ready = process.stdout.readline()
        breaks()
        out, err = process.communicate("\n", timeout=LIMIT_S)
        self.assertEqual((ready, process.returncode), ("ready\n", 0), err)
        told = json.loads(out)
        for kept in ("descriptors", "threads"):
            self.assertEqual(*told[kept], f"{kept} stay behind: {told}")
        grown = told["memory_bytes"][1] - told["memory_bytes"][0]
        self.assertLess(grown, MEMORY_BYTES, told)
        self.assertGreater(told["samples_before"], 0)
        return told

    def check_error(self, told, *says):
        self.assertEqual(told["errors"], CYCLES, told)
        for part in says:
            self.assertIn(part, told["first_error"])

    def write(self, name="data", samples=60):
        data = self.folder / name
        data.mkdir(exist_ok=True)
        write_samples(data, 1, samples, 100_000)
        self.expect(0, "inspect", data)
        return data

    def test_of_a_lost_file_system(self):
        for engine in ENGINES:
            with self.subTest(engine):
                data = self.folder / engine
                self.mount_on_loop(data, "xfs", 400 << 20)
                self.write(engine)
                told = self.cycles(data, engine=engine, breaks=lambda: shut_down(data))
                self.check_error(told, "0.tar at byte", "Input/output error")

    def test_of_a_file_that_shrank(self):
        for engine in ENGINES:
            with self.subTest(engine):
                data = self.write()
                told = self.cycles(data, engine=engine,
                                   breaks=lambda: os.truncate(data / "0.tar", 10_000))
                self.check_error(told, "0.tar at byte")

    def test_of_io_uring_refused_by_a_filter(self):
        data = self.write()
        refuse = filter_of(SETUP, 1)
        self.require(refuse)
        told = self.cycles(data, preexec=refuse)
        self.assertEqual((told["errors"], told["samples"]), (0, CYCLES * told["samples_before"]))

    def test_of_64_kib_of_lockable_memory(self):
        data = self.write()
        for path in (self.folder, data):
            path.chmod(0o777)
        self.require(confine)
        told = self.cycles(data, preexec=confine)
        self.assertEqual((told["errors"], told["samples"]), (0, CYCLES * told["samples_before"]))


    def test_of_a_slow_device(self):
        data = self.folder / "data"
        self.mount_on_loop(data, "ext4", 64 << 20)
        self.write(samples=20)
        group = self.throttled_group({data: BYTES_PER_SECOND})
        told = self.cycles(data, preexec=lambda: join(group))
        self.assertEqual((told["errors"], told["samples"]), (0, CYCLES * told["samples_before"]))


if __name__ == "__main__":
    main()
