"""Batches on a device as Python has them: both protocols, whose stream, how long, and every fault.

Over the stand-in for libcuda; tests/torch/test_device.py runs on a real device where there is one.
"""
import ctypes
import gc
import pathlib
import pickle
import sys
import threading
import time
import unittest

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
import headrace as hr  # noqa: E402
from shards import WithShards  # noqa: E402
from stand_in import DRIVER, FAULTS, Consumer, Stream  # noqa: E402


class OnDevice(WithShards):
    def setUp(self):
        FAULTS.reset()
        self.stream = Stream()
        self.open_handles = FAULTS.handles

    def tearDown(self):
        gc.collect()
        FAULTS.reset()
        self.assertEqual(FAULTS.handles, self.open_handles, "streams, events, contexts")
        self.assertEqual(FAULTS.buffers, 0, "memory and registrations")
        self.stream.close()

    def on_device(self, **options):
        return self.loader(**{"device": "cuda:0", "tensors": "dlpack", **options})

    def another_stream(self):
        stream = Stream()
        self.open_handles += 2  # with its context
        self.addCleanup(stream.close)
        return stream

    def labels_of(self, batch, stream=None):
        stream = self.stream if stream is None else stream
        consumer = Consumer(batch["label"], int(stream))
        stream.synchronize()
        found = numpy.frombuffer(consumer.bytes(), numpy.int64).tolist()
        consumer.close()
        return found


class Protocols(OnDevice):
    def test_dlpack_says_device_type_and_shape_and_shares_the_slot(self):
        batch = next(iter(self.on_device()))
        image = batch["image"]
        self.assertEqual(image.__dlpack_device__(), (2, 0))
        self.assertEqual((image.shape, image.dtype), ((8, 24, 24, 3), "uint8"))
        first, second = Consumer(image, 1), Consumer(image, int(self.stream))
        self.assertEqual((first.device, first.kind, first.shape),
                         ((2, 0), (1, 8, 1), (8, 24, 24, 3)))
        self.assertEqual(first.address, second.address)
        first.close()
        second.close()

    def test_the_batches_are_those_of_host_memory(self):
        host = list(self.loader(ids="id", hold=9))
        for seen, batch in zip(host, self.on_device(ids="id"), strict=True):
            consumer = Consumer(batch["image"], int(self.stream))
            self.stream.synchronize()
            self.assertEqual(consumer.bytes(), seen["image"].tobytes())
            consumer.close()
            self.assertEqual(self.labels_of(batch), seen["label"].tolist())
            numpy.testing.assert_array_equal(numpy.from_dlpack(batch["id"]), seen["id"])

    def test_the_consumers_stream_waits_for_the_copy_and_its_thread_does_not(self):
        FAULTS.copy_delay_us = 200_000
        loop = iter(self.on_device())
        batch = next(loop)
        begin = time.perf_counter()
        consumer = Consumer(batch["label"], int(self.stream))
        self.assertLess(time.perf_counter() - begin, 0.1)
        self.stream.synchronize()
        self.assertGreater(time.perf_counter() - begin, 0.1)
        self.assertNotEqual(set(consumer.bytes()), {0})
        consumer.close()

    def test_the_array_interface_and_no_stream_wait_for_the_copy(self):
        FAULTS.copy_delay_us = 20_000
        batch = next(iter(self.on_device()))
        shown = batch["label"].__cuda_array_interface__
        self.assertEqual((shown["version"], shown["typestr"], shown["shape"], shown["stream"]),
                         (3, "<i8", (8,), None))
        consumer = Consumer(batch["label"], -1)
        self.assertEqual(consumer.address, shown["data"][0])
        self.assertEqual(sorted(numpy.frombuffer(consumer.bytes(), numpy.int64).tolist()),
                         sorted(self.labels_of(batch)))
        consumer.close()

    def test_what_dlpack_does_not_do_is_refused(self):
        image = next(iter(self.on_device()))["image"]
        for options in ({"stream": 0}, {"stream": -2}, {"copy": True}, {"dl_device": (1, 0)}):
            with self.assertRaises(BufferError, msg=options):
                image.__dlpack__(**options)
        fields = {"image": hr.image("png").resize(24).to("bfloat16")}
        half = next(iter(self.on_device(fields=fields)))["image"]
        self.assertEqual(Consumer(half, 1).kind, (4, 16, 1))
        with self.assertRaisesRegex(BufferError, "bfloat16"):
            half.__cuda_array_interface__
        with self.assertRaisesRegex(BufferError, "4 streams"):
            self.read_on_many(half)

    def read_on_many(self, tensor):
        streams = [self.another_stream() for _ in range(4)]
        try:
            for stream in streams:
                Consumer(tensor, int(stream)).close()
        except hr.Error as error:
            raise BufferError(str(error)) from error

    def test_numpy_has_no_arrays_there(self):
        with self.assertRaisesRegex(hr.Error, "NumPy has no arrays on cuda:0"):
            next(iter(self.on_device(tensors="numpy")))


class Lifetime(OnDevice):
    def test_a_slot_is_not_written_while_its_reader_is_behind(self):
        """The reader's stream is held up by a step; every slot is used again behind it."""
        held = threading.Event()
        gate = _Gate(self.stream, held)
        loop = iter(self.on_device(batch=2, hold=1))
        batch = next(loop)
        kept = Consumer(batch["label"], int(self.stream))
        self.stream.synchronize()  # the copy is there
        before = kept.bytes()
        gate.close()
        try:
            kept.close()  # the slot goes back behind the step
            del batch
            others = [self.labels_of(next(loop), self.another_stream()) for _ in range(2)]
            self.assertEqual(kept.bytes(), before)
        finally:
            held.set()  # else the loader's end would wait for it
        self.assertEqual(len(sum(others, [])), 4)
        self.assertEqual(len(self.labels_of(next(loop))), 2)

    def test_a_tensor_outlives_its_loader(self):
        loader = self.on_device()
        batch = next(iter(loader))
        expected = self.labels_of(batch)
        consumer = Consumer(batch["label"], int(self.stream))
        del loader, batch
        gc.collect()
        self.assertEqual(numpy.frombuffer(consumer.bytes(), numpy.int64).tolist(), expected)
        consumer.close()

    def test_addresses_repeat(self):
        """So that a CUDA graph that was captured for each of them can be replayed."""
        loader, seen = self.on_device(batch=2), set()
        for _ in range(3):
            for batch in loader:
                seen.add(Consumer(batch["image"], int(self.stream)).address)
        self.assertEqual((len(loader), len(seen)), (25, 4))

    def test_holding_every_batch_is_an_error(self):
        loop = iter(self.on_device(batch=2, hold=1))
        kept = [next(loop) for _ in range(3)]
        with self.assertRaisesRegex(hr.Error, "holds all 3 batches"):
            next(loop)
        kept.pop()
        self.assertEqual(len(self.labels_of(next(loop))), 2)

    def test_state_epochs_and_pickles_are_the_loaders(self):
        loader = self.on_device()
        loop = iter(loader)
        seen = self.labels_of(next(loop)) + self.labels_of(next(loop))
        self.assertEqual(loader.place, (0, 16))
        other = pickle.loads(pickle.dumps(loader))
        del loop
        loader.close()
        rest = sum((self.labels_of(batch) for batch in other), [])
        self.assertEqual(sorted(seen + rest), list(range(self.COUNT)))
        self.assertIn('name = "cuda:0"', other.job)


class Accounts(OnDevice):
    def test_isolate_tells_copies_from_the_loader(self):
        FAULTS.copy_delay_us = 20_000
        parts = self.on_device().isolate(20, step=lambda batch: time.sleep(0.001))
        self.assertLess(parts.copy_per_s, 8 / 0.018)
        self.assertGreater(parts.loader_per_s, 2 * parts.copy_per_s)
        self.assertIn("Short of the copies", parts.verdict)

    def test_a_verdict_has_the_links_figures(self):
        loader = self.on_device()
        for batch in loader:
            self.labels_of(batch)
        link = loader.verdict().link
        self.assertEqual(link["device"], "cuda:0 (stand-in)")
        self.assertGreaterEqual(link["copies"], 5)  # a copy's time is looked at a batch later
        self.assertGreater(link["copy_s"], 0)
        self.assertEqual((link["decode_s"], link["device_share"]), (0, {}))
        self.assertEqual((loader.device_shares, loader.why_not_on_device), ({}, ""))
        self.assertEqual(self.loader().verdict().link, {})

    def test_what_the_host_makes_after_all_is_said(self):
        fields = {"image": hr.image("png", decode="auto").resize(24)}
        loader = self.on_device(fields=fields)
        next(iter(loader))
        self.assertIn("image", loader.why_not_on_device)
        self.assertEqual(loader.device_shares, {})
        self.assertIn("image", loader.verdict().link["why_not_on_device"])


class Faults(OnDevice):
    def test_what_a_device_lacks_at_the_start_is_said(self):
        for fault, code, said in (("memory_error", 2, "cannot take"),
                                  ("buffer_error", 2, "cannot pin"),
                                  ("driver_error", 999, "cannot open the device")):
            FAULTS.reset()
            setattr(FAULTS, fault, code)
            with self.assertRaisesRegex(hr.Error, said):
                next(iter(self.on_device()))
        FAULTS.reset()
        with self.assertRaisesRegex(hr.Error, "nvidia-smi -L"):
            next(iter(self.on_device(device="cuda:7")))
        with self.assertRaisesRegex(hr.Error, "cannot tell the device"):
            self.on_device(device="cuda:x")

    def test_a_lost_device_ends_the_loop_with_its_name_and_all_comes_back(self):
        for nth in (1, 2, 5):
            FAULTS.reset()
            FAULTS.fail_nth, FAULTS.fail_code = nth, 719
            kept = []
            with self.assertRaisesRegex(hr.Error, "CUDA_ERROR_LAUNCH_FAILED"):
                for batch in self.on_device(hold=8):
                    kept.append(Consumer(batch["label"], int(self.stream)))
            for consumer in kept:
                consumer.close()
            batch = None

    def test_a_failed_copy_comes_behind_the_batches_before_it(self):
        FAULTS.fail_nth = 4
        count = 0
        with self.assertRaisesRegex(hr.Error, "cannot copy a batch to cuda:0"):
            for _ in self.on_device():
                count += 1
        self.assertEqual(count, 3)


class _Gate:
    """A host function in a stream that waits for an event of Python's."""

    def __init__(self, stream, event):
        self._call = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: event.wait(60))
        self._stream = stream
        self._pointer = ctypes.cast(self._call, ctypes.c_void_p)

    def close(self):
        assert DRIVER.cuLaunchHostFunc(ctypes.c_void_p(int(self._stream)), self._pointer, None) == 0


if __name__ == "__main__":
    unittest.main()
