"""Lightning: a Loader is an iterable with a length, a sampler and a state, which is all it asks.

    python examples/lightning_run.py packed
    torchrun --nproc-per-node 2 examples/lightning_run.py packed

Lightning calls `loader.sampler.set_epoch`, and saves the loader's state in its checkpoints.
"""
import argparse
import os

import lightning
import torch

import headrace as hr
from network import network


class Classifier(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.network = network()
        self.seen = []

    def training_step(self, batch, index):
        self.seen += batch["id"].tolist()
        return torch.nn.functional.cross_entropy(self.network(batch["image"]), batch["label"])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.02)


def loader_of(path):
    return hr.Loader(path, batch=16, seed=7, ids="id", hold=3,
                     fields={"image": hr.image().random_resized_crop(32).flip().normalize(),
                             "label": hr.integer("cls")})


def trainer_of(**options):
    devices = int(os.environ.get("LOCAL_WORLD_SIZE", 1))  # as many as torchrun has started
    return lightning.Trainer(accelerator="cpu", devices=devices, logger=False, barebones=False,
                             enable_progress_bar=False, enable_model_summary=False, **options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    arguments = parser.parse_args()
    trainer_of(max_epochs=2, enable_checkpointing=False).fit(
        Classifier(), loader_of(arguments.data))
