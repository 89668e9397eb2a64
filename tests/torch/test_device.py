"""Batches on a real device as torch's own tensors; without torch's CUDA or a GPU it says so."""
import io
import tarfile
import tempfile
import unittest

import torch

import headrace as hr

COUNT = 64


def setUpModule():
    if not torch.cuda.is_available():
        raise unittest.SkipTest("torch sees no CUDA device here")


class OnDevice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        with tarfile.open(f"{cls._folder.name}/a.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
            for number in range(COUNT):
                data = number.to_bytes(4, "little") * 65536
                member = tarfile.TarInfo(f"{number:06d}.bin")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))

    def loader(self, **options):
        fields = {"row": hr.raw("bin", (65536,), "int32")}
        return hr.Loader(self._folder.name, batch=8, seed=7, fields=fields, tensors="torch",
                         ids="id", **options)

    def test_tensors_are_there_and_are_each_samples_own(self):
        for batch in self.loader(device="cuda:0"):
            row = batch["row"]
            self.assertEqual(row.device, torch.device("cuda:0"))
            expected = batch["id"].to("cuda:0")[:, None].expand_as(row)
            self.assertTrue(torch.equal(row.long(), expected))

    def test_a_slot_is_not_written_while_a_stream_still_reads_it(self):
        """Each step sums its batch after a long kernel; a slot used again would change the sum."""
        stream = torch.cuda.Stream()
        sums, expected = [], []
        busy = torch.empty(4096, 4096, device="cuda:0")
        with torch.cuda.stream(stream):
            for batch in self.loader(device="cuda:0", hold=1):
                for _ in range(8):
                    busy = (busy @ busy).clamp_(-1, 1)
                sums.append(batch["row"].long().sum())
                expected.append(int(batch["id"].sum()) * 65536)
        stream.synchronize()
        self.assertEqual([int(one) for one in sums], expected)

    def test_addresses_repeat_and_the_context_stays(self):
        device = torch.cuda.current_device()
        seen = {batch["row"].data_ptr() for _ in range(3)
                for batch in self.loader(device="cuda:0", hold=1)}
        self.assertLessEqual(len(seen), 9)
        self.assertEqual(torch.cuda.current_device(), device)

    def test_a_captured_step_is_replayed_on_what_the_loader_goes_on_to_give(self):
        loop = iter(self.loader(device="cuda:0", hold=1))
        static = next(loop)["row"].clone()
        side = torch.cuda.Stream()
        with torch.cuda.stream(side):  # torch's own warm-up
            total = static.long().sum()
        side.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):  # while the loader reads and copies on
            total = static.long().sum()
        for batch in loop:
            static.copy_(batch["row"])
            graph.replay()
            self.assertEqual(int(total), int(batch["id"].sum()) * 65536)

    def test_a_graph_for_each_address_needs_no_copy(self):
        graphs, loader = {}, self.loader(device="cuda:0", hold=1)
        for _ in range(2):
            for batch in loader:
                address = batch["row"].data_ptr()
                if address not in graphs:
                    row = batch["row"].view(-1)
                    row.long().sum()  # warm-up
                    torch.cuda.synchronize()
                    graph = torch.cuda.CUDAGraph()
                    with torch.cuda.graph(graph):
                        total = row.long().sum()
                    graphs[address] = graph, total
                graph, total = graphs[address]
                graph.replay()
                self.assertEqual(int(total), int(batch["id"].sum()) * 65536)

    def test_the_verdict_measures_the_link(self):
        loader = self.loader(device="cuda:0")
        for _ in range(3):
            for batch in loader:
                batch["row"].sum()
        torch.cuda.synchronize()
        link = loader.verdict().link
        self.assertGreater(link["copies"], 0)
        self.assertGreater(link["bytes"], 0)
        self.assertGreater(link["copy_s"], 0)


if __name__ == "__main__":
    unittest.main()
