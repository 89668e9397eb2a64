"""Torch's tensors, and the examples in each trainer; test_ddp.py has plain DDP."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TORCH = pathlib.Path(__file__).resolve().parent
ROOT = TORCH.parents[1]
sys.path[:0] = [str(ROOT / "tests" / "python"), str(ROOT / "examples")]

import numpy  # noqa: E402

import shards  # noqa: E402

os.environ.update(OMP_NUM_THREADS="1", PYTHONWARNINGS="ignore")
CLASSES, COUNT = 4, 160


def colored(number):
    """Noise around one color a class, so that there is something to learn."""
    draw = numpy.random.default_rng(number)
    color = numpy.array([(200, 40, 40), (40, 200, 40), (40, 40, 200), (180, 180, 40)])
    noise = draw.integers(-30, 30, (40, 40, 3))
    return numpy.clip(color[number % CLASSES] + noise, 0, 255).astype(numpy.uint8)


class WithPictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.folder = pathlib.Path(cls._folder.name)
        cls.path = str(cls.folder / "data")
        os.mkdir(cls.path)
        shards.write(cls.path, COUNT, picture_of=colored, kind="png",
                     label_of=lambda number: number % CLASSES)


class Tensors(WithPictures):
    def test_are_torchs_and_live_on(self):
        import torch

        import headrace as hr
        loader = hr.Loader(self.path, batch=16, seed=1, fields=shards.PIXELS, hold=11,
                           read_ahead="1M")
        kept = list(loader)
        copies = [batch["image"].clone() for batch in kept]
        del loader
        for batch, copy in zip(kept, copies):
            self.assertIsInstance(batch["image"], torch.Tensor)
            self.assertTrue(torch.equal(batch["image"], copy))

    def test_have_bfloat16(self):
        import torch

        import headrace as hr
        fields = {"image": hr.image("png").resize(8).normalize().to("bfloat16")}
        batch = next(iter(hr.Loader(self.path, batch=4, fields=fields, device="cpu")))
        self.assertEqual(batch["image"].dtype, torch.bfloat16)


class Copies(WithPictures):
    def test_to_a_device_are_counted_and_timed_apart(self):
        """"meta" is the device that every torch has beside the processor."""
        import headrace as hr
        loader = hr.Loader(self.path, batch=16, fields={"label": hr.integer("cls")}, device="meta")
        parts = loader.isolate(10)
        self.assertGreater(parts.copy_per_s, 0)
        devices = {batch["label"].device.type for batch in loader}
        self.assertEqual(devices, {"meta"})
        self.assertIn("copy", [watch.name for watch in loader._maps if watch.items == COUNT])


class Nodes(WithPictures):
    def test_a_graph_resumes_from_its_state(self):
        import torchdata.nodes as tn

        import headrace as hr
        from headrace.nodes import Batches

        def graph():
            loader = hr.Loader(self.path, batch=16, seed=7, fields={"label": hr.integer("cls")},
                               ids="id", read_ahead="1M", hold=4)
            return tn.Loader(tn.Prefetcher(Batches(loader), prefetch_factor=2))

        first = graph()
        loop = iter(first)
        for _ in range(3):
            next(loop)
        state = first.state_dict()
        rest = [batch["id"].tolist() for batch in loop]
        second = graph()
        second.load_state_dict(state)
        self.assertEqual([batch["id"].tolist() for batch in second], rest)
        self.assertEqual(len(rest), 7)


class Lightning(WithPictures):
    def test_epochs_differ_and_a_checkpoint_in_mid_epoch_goes_on(self):
        import lightning_run as example
        from lightning.pytorch.callbacks import ModelCheckpoint
        model = example.Classifier()
        example.trainer_of(max_epochs=2, enable_checkpointing=False).fit(
            model, example.loader_of(self.path))
        whole = model.seen
        self.assertEqual(sorted(whole[:COUNT]), list(range(COUNT)))
        self.assertEqual(sorted(whole[COUNT:]), list(range(COUNT)))
        self.assertNotEqual(whole[:COUNT], whole[COUNT:])

        stopped = example.Classifier()
        keep = ModelCheckpoint(str(self.folder), "middle", every_n_train_steps=13)
        example.trainer_of(max_steps=13, callbacks=[keep]).fit(
            stopped, example.loader_of(self.path))
        resumed = example.Classifier()
        example.trainer_of(max_epochs=2, enable_checkpointing=False).fit(
            resumed, example.loader_of(self.path), ckpt_path=keep.best_model_path)
        self.assertEqual(stopped.seen + resumed.seen, whole)


class HuggingFace(WithPictures):
    def test_accelerate_trains_on_each_sample_once_an_epoch(self):
        import accelerate_run as example
        seen = example.train(self.path)
        self.assertEqual(sorted(seen[:COUNT]), list(range(COUNT)))
        self.assertNotEqual(seen[:COUNT], seen[COUNT:])

    def test_trainer_resumes_where_it_stopped(self):
        import trainer_run as example
        whole = example.train(self.path, str(self.folder / "whole"), num_train_epochs=2)
        output = str(self.folder / "stopped")
        stopped = example.train(self.path, output, max_steps=4)
        resumed = example.train(self.path, output, resume=output + "/checkpoint-4",
                                num_train_epochs=2)
        self.assertEqual(stopped[:4] + resumed, whole)


class Ranks(WithPictures):
    """Two real ranks over gloo, each a process of torchrun's: together they see what one would."""

    def seen_by(self, name):
        done = subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node",
             "2", str(TORCH / "rank.py"), str(TORCH / "trainer_ranks.py"), name, self.path,
             str(self.folder)], text=True, capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        ranks = [json.loads((self.folder / f"{name}-{rank}.json").read_text())
                 for rank in range(2)]
        self.assertEqual([rank["group"] for rank in ranks], [[0, 2, "gloo"], [1, 2, "gloo"]])
        return [rank["seen"] for rank in ranks]

    def alone(self, **options):
        """What a rank of two, or the only one, is given in two epochs."""
        import headrace as hr
        loader = hr.Loader(self.path, batch=16, seed=7, ids="id", tensors="numpy",
                           fields={"labels": hr.integer("cls")}, **options)
        return [{name: tensor.tolist() for name, tensor in batch.items()}
                for epoch in range(2) for batch in loader]

    def ids_of(self, batches):
        return [number for batch in batches for number in batch["id"]]

    def check_shares(self, seen):
        for rank, ids in enumerate(seen):
            self.assertEqual(ids, self.ids_of(self.alone(rank=rank, world_size=2)))
        half = COUNT // 2
        for epoch in range(2):
            parts = [ids[epoch * half:(epoch + 1) * half] for ids in seen]
            self.assertEqual(sorted(parts[0] + parts[1]), list(range(COUNT)))
            together = [number for pair in zip(*parts) for number in pair]
            self.assertEqual(together, self.ids_of(self.alone())[epoch * COUNT:][:COUNT])

    def test_lightning(self):
        self.check_shares(self.seen_by("lightning"))

    def test_accelerate(self):
        self.check_shares(self.seen_by("accelerate"))

    def test_hugging_faces_trainer(self):
        for rank, labels in enumerate(self.seen_by("trainer")):
            due = self.alone(rank=rank, world_size=2, last="drop")
            self.assertEqual(labels, [batch["labels"] for batch in due])


if __name__ == "__main__":
    unittest.main()
