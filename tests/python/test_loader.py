"""Batches as Python sees them: what is in them, how long they live, what ends a loop."""
import gc
import os
import pathlib
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest

import numpy

import headrace as hr
from shards import CROPS, PIXELS, WithShards, labels, picture


class Batches(WithShards):
    def test_are_dicts_of_arrays_with_each_samples_own_pixels(self):
        seen = []
        for batch in self.loader():
            self.assertEqual(list(batch), ["image", "label"])
            self.assertEqual(batch["image"].dtype, numpy.uint8)
            self.assertEqual(batch["label"].dtype, numpy.int64)
            for image, label in zip(batch["image"], batch["label"]):
                numpy.testing.assert_array_equal(image, picture(int(label)))
                seen.append(int(label))
        self.assertEqual(sorted(seen), list(range(self.COUNT)))

    def test_have_their_ids_on_request(self):
        for batch in self.loader(ids="id"):
            numpy.testing.assert_array_equal(batch["id"], batch["label"])

    def test_have_no_ids_in_a_fields_place(self):
        with self.assertRaisesRegex(hr.Error, 'cannot put ids under "label": a field has'):
            self.loader(ids="label")

    def test_are_writable_and_share_no_memory_with_each_other(self):
        batches = list(self.loader(hold=7))
        for number, batch in enumerate(batches):
            batch["label"][:] = number
        self.assertEqual([set(batch["label"]) for batch in batches], [{n} for n in range(7)])

    def test_speak_dlpack(self):
        for batch in self.loader(tensors="dlpack"):
            image = numpy.from_dlpack(batch["image"])
            self.assertEqual(image.shape[1:], (24, 24, 3))

    def test_give_the_bits_of_bfloat16(self):
        fields = {"image": hr.image("png").resize(24).to("bfloat16")}
        batch = next(iter(self.loader(fields=fields, batch=1)))
        self.assertEqual(batch["image"].dtype, numpy.uint16)


class Lifetime(WithShards):
    def test_a_batch_lives_until_its_tensors_die(self):
        """Kept out of order, across epochs and past the loader's own end."""
        loader = self.loader(hold=8)
        kept, copies = [], []
        for epoch in range(3):
            for number, batch in enumerate(loader):
                if number % 3 == epoch % 3:
                    kept.append(batch["image"] if number % 2 else batch)
                    copies.append(batch["image"].copy())
                if len(kept) > 6:
                    del kept[2], copies[2]
        del loader, batch
        gc.collect()
        while kept:
            one, copy = kept.pop(len(kept) // 2), copies.pop(len(copies) // 2)
            numpy.testing.assert_array_equal(one["image"] if isinstance(one, dict) else one, copy)

    def test_a_view_of_one_row_keeps_the_whole_batch(self):
        loader = self.loader()
        row = next(iter(loader))["image"][3]
        copy = row.copy()
        for _ in range(3):
            for _ in loader:
                pass
        numpy.testing.assert_array_equal(row, copy)

    def test_holding_every_batch_is_an_error_and_no_deadlock(self):
        loop = iter(self.loader(hold=1, prefetch=3, batch=2))
        kept = [next(loop) for _ in range(4)]
        with self.assertRaises(hr.Error) as caught:
            next(loop)
        self.assertIn("holds all 4 batches", str(caught.exception))
        self.assertIn("loader.hold", caught.exception.hint)
        kept.pop()
        self.assertEqual(len(next(loop)["label"]), 2)

    def test_batches_that_only_a_cycle_holds_come_back(self):
        gc.disable()
        self.addCleanup(gc.enable)
        count = 0
        for batch in self.loader(hold=1, prefetch=1, batch=2):
            batch["self"] = batch
            count += 1
        self.assertEqual(count, self.COUNT // 2)


class Ends(WithShards):
    def test_another_loop_ends_the_first(self):
        loader = self.loader()
        first = iter(loader)
        next(first)
        second = iter(loader)
        next(second)
        with self.assertRaisesRegex(hr.Error, "one loop at a time"):
            next(first)

    def test_close_ends_the_threads_and_a_loop_starts_them_again(self):
        loader = self.loader(workers=2, engine="psync")
        gc.collect()
        threads = thread_count()
        before = labels([next(iter(loader))])
        self.assertEqual(thread_count(), threads + 3)
        loader.close()
        self.assertEqual(thread_count(), threads)
        self.assertEqual(len(set(before + labels(loader))), self.COUNT)

    def test_a_forked_child_is_refused(self):
        loader = self.loader()
        loop = iter(loader)
        kept = next(loop)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                next(loop)
                said = "a batch"
            except hr.Error as error:
                said = f"{error.code}: {error}"
            del kept, loop, loader
            gc.collect()
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        said = os.read(reading, 4096).decode()
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertIn("unsupported: cannot read batches in a forked process", said)
        self.assertEqual(len(kept["label"]), 8)
        self.assertEqual(len(labels(loop)), self.COUNT - 8)

    def test_a_spawned_process_gets_the_job_and_the_place(self):
        loader = self.loader()
        loop = iter(loader)
        labels([next(loop)])
        copy = pickle.loads(pickle.dumps(loader))
        self.assertEqual(labels(copy), labels(loop))

    def test_spawn_works(self):
        code = ("import multiprocessing as m, headrace as hr, sys\n"
                "def run(loader, queue): queue.put(sum(len(b['label']) for b in loader))\n"
                "if __name__ == '__main__':\n"
                "    c = m.get_context('spawn'); q = c.Queue()\n"
                f"    l = hr.Loader({self.path!r}, batch=8, fields={{'label': hr.integer('cls')}},"
                " tensors='numpy')\n"
                "    next(iter(l)); p = c.Process(target=run, args=(l, q)); p.start()\n"
                "    print(q.get(timeout=60)); p.join()\n")
        with self.subTest():
            path = os.path.join(self._folder.name, "spawned.py")
            with open(path, "w") as file:
                file.write(code)
            done = subprocess.run([sys.executable, path], capture_output=True, text=True,
                                  timeout=120)
            self.assertEqual(done.stdout.strip(), str(self.COUNT - 8), done.stderr)


class Waits(WithShards):
    """A batch so large that it takes a minute of one worker."""

    SLOW = {"batch": 1 << 18, "last": "pad", "workers": 1, "prefetch": 1,
            "fields": {"image": hr.image("png").random_resized_crop(2).to("uint8")}}

    def test_are_ended_by_ctrl_c(self):
        code = ("import headrace as hr, sys\n"
                "sys.path.insert(0, sys.argv[1])\n"
                "from test_loader import Waits\n"
                "l = hr.Loader(sys.argv[2], tensors='numpy', **Waits.SLOW)\n"
                "loop = iter(l)\n"
                "try: print('waiting', flush=True); next(loop)\n"
                "except KeyboardInterrupt: print('interrupted', l.place, flush=True)\n")
        child = subprocess.Popen([sys.executable, "-c", code, os.path.dirname(__file__), self.path],
                                 stdout=subprocess.PIPE, text=True)
        self.assertEqual(child.stdout.readline(), "waiting\n")
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
        self.assertEqual(said, "interrupted (0, 0)\n")
        self.assertEqual(child.returncode, 0)

    def test_for_a_programs_output_are_ended_by_ctrl_c(self):
        code = ("import headrace as hr\n"
                "try: hr.Loader('pipe:echo started >&2; sleep 1000', batch=2)\n"
                "except KeyboardInterrupt: print('interrupted', flush=True)\n")
        child = subprocess.Popen([sys.executable, "-c", code], text=True,
                                 env={**os.environ, "HEADRACE_ALLOW_PIPES": "sh"},
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(child.stderr.readline(), "started\n")
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
        self.assertEqual(said, "interrupted\n")
        self.assertEqual(child.returncode, 0)

    def test_in_a_daemon_thread_do_not_hinder_the_end_of_the_process(self):
        code = ("import headrace as hr, sys, threading\n"
                "sys.path.insert(0, sys.argv[1])\n"
                "from test_loader import Waits\n"
                "loop = iter(hr.Loader(sys.argv[2], tensors='numpy', **Waits.SLOW))\n"
                "threading.Thread(target=lambda: next(loop), daemon=True).start()\n")
        done = subprocess.run([sys.executable, "-c", code, os.path.dirname(__file__), self.path],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_name_a_mapped_file_that_is_cut_short(self):
        """What lies in the page cache is mapped; a map's lost pages end the process, said why."""
        program = textwrap.dedent("""
            import os, pathlib, sys
            import headrace as hr
            from shards import PIXELS, write
            path = write(sys.argv[1], 50)
            loader = hr.Loader(path, batch=8, fields=PIXELS)
            assert sum(1 for _ in loader) == 7
            os.truncate(pathlib.Path(path) / "shard-0001.tar", 0)
            for batch in loader:
                pass
            """)
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run([sys.executable, "-c", program, folder], capture_output=True,
                                   text=True, timeout=60, cwd=pathlib.Path(__file__).parent)
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.assertIn("shard-0001.tar: it was cut short while in use", ended.stderr)

    def test_leave_the_lock_to_other_threads_and_one_reader_at_a_time(self):
        loop = iter(self.loader(**self.SLOW))
        said = queue.Queue()

        def wait():
            try:
                next(loop)
            except hr.Error as error:
                said.put(str(error))

        for _ in range(2):  # the second runs, so the first has let go of Python's lock
            threading.Thread(target=wait, daemon=True).start()
        self.assertIn("two threads", said.get(timeout=60))


class Errors(WithShards):
    def test_say_what_where_and_what_next(self):
        with self.assertRaises(hr.Error) as caught:
            hr.Loader("/nowhere/at/all", batch=4, fields=PIXELS)
        error = caught.exception
        self.assertIsInstance(error, OSError)
        self.assertEqual(error.code, "not_found")
        self.assertEqual(error.path, "/nowhere/at/all")
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(copy), copy.code, copy.path, copy.hint),
                         (str(error), error.code, error.path, error.hint))

    def test_name_the_nearest_field(self):
        with self.assertRaisesRegex(hr.Error, 'the data set has no "pgn".*nearest: "png"'):
            self.loader(fields={"image": hr.image("pgn").resize(4)})

    def test_name_a_wrong_value(self):
        with self.assertRaisesRegex(hr.Error, 'one of "auto", "none", "global", "window"'):
            self.loader(shuffle="totally")
        with self.assertRaisesRegex(hr.Error, 'cannot use the arguments: "batch.size" must be'):
            self.loader(batch=0)
        with self.assertRaisesRegex(hr.Error, "no epoch -1"):
            self.loader().set_epoch(-1)

    def test_are_none_for_numbers_of_numpy(self):
        loader = self.loader(batch=numpy.int64(5), seed=numpy.uint8(7))
        self.assertEqual(loader.batch_size, 5)
        flipped = hr.image("png").resize(8).flip(numpy.float32(0.25))
        self.assertIn("flip = 0.25", self.loader(fields={"image": flipped}).job)

    def test_want_a_picture_to_have_a_size(self):
        with self.assertRaisesRegex(hr.Error, "random_resized_crop"):
            self.loader(fields={"image": hr.image("png")})

    def test_want_both_rank_and_world_size(self):
        with self.assertRaisesRegex(hr.Error, "only one is given"):
            self.loader(rank=1)


class Cached(WithShards):
    def test_a_loop_that_begins_anew_looks_again_whether_all_lies_in_memory(self):
        """Cold files are read through a buffer, which a map does without."""
        self.loader(cache="page").close()  # makes the indexes
        for shard in pathlib.Path(self.path).glob("*.tar"):
            with open(shard, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        loader = self.loader(read_ahead="8M")
        cold = labels(loader)
        if loader._source.memory_bytes < 8 << 20:
            self.skipTest("this file system drops no pages")
        loader.close()
        warm = labels(loader)
        self.assertLess(loader._source.memory_bytes, 8 << 20)
        self.assertEqual(sorted(warm), sorted(cold))


class Jobs(WithShards):
    def test_are_the_same_from_python_and_from_a_file(self):
        loader = self.loader(fields=CROPS)
        path = os.path.join(self._folder.name, "headrace.toml")
        with open(path, "w") as file:
            file.write(loader.job)
        again = hr.Loader.from_job(path, tensors="numpy")
        self.assertEqual(again.job, loader.job)
        for one, other in zip(loader, again):
            numpy.testing.assert_array_equal(one["image"], other["image"])

    def test_name_one_data_set_or_several_that_are_one(self):
        shards = sorted(pathlib.Path(self.path).glob("*.tar"))
        several = hr.Loader(shards, batch=10, fields=PIXELS, tensors="numpy", shuffle="none")
        self.assertEqual(labels(several), list(range(50)))
        self.assertIn(f'path = ["{shards[0]}", "{shards[1]}"', several.job)
        again = hr.Loader(shards[::-1], batch=10, fields=PIXELS, tensors="numpy", shuffle="none")
        with self.assertRaisesRegex(hr.Error, "data set"):
            again.load_state_dict(several.state_dict())

    def test_may_have_a_presets_fields(self):
        self.assertIn('normalize = "imagenet"', self.loader(fields="imagenet").job)

    def test_has_the_fields_that_the_data_has_where_none_are_named(self):
        loader = hr.Loader(self.path, batch=10, seed=7, tensors="numpy", ids="id", hold=1)
        self.assertEqual(set(next(iter(loader))), {"image", "label", "id"})
        self.assertIn('normalize = "imagenet"', loader.job)


def thread_count():
    return len(os.listdir("/proc/self/task"))


if __name__ == "__main__":
    unittest.main()
