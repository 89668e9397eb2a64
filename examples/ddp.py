"""Plain PyTorch DDP that can be killed at any moment and goes on with any number of ranks.

    torchrun --nproc-per-node 2 examples/ddp.py packed --epochs 3 --checkpoint run.pt

The checkpoint has the model, the optimizer and the loader's state, which is the same on all ranks,
so that rank 0 saves for everybody. --samples FILE lists each step's loss and sample ids.
"""
import argparse
import os
import pathlib

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

import headrace as hr


def main():
    options = arguments()
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    loader = hr.Loader(options.data, batch=options.global_batch // dist.get_world_size(), seed=7,
                       last="short", ids="id",
                       fields={"image": hr.image().random_resized_crop(32).flip()
                               .normalize(hr.IMAGENET), "label": hr.integer("cls")})
    model = DistributedDataParallel(network(options.classes))
    optimizer = torch.optim.SGD(model.parameters(), lr=options.rate, momentum=0.9)
    checkpoint = Checkpoint(options, model, optimizer, loader)
    checkpoint.load()
    for epoch in range(loader.epoch, options.epochs):
        loader.set_epoch(epoch)
        for batch in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(batch["image"]), batch["label"])
            loss.backward()
            optimizer.step()
            checkpoint.save(batch["id"], loss.detach())
    dist.destroy_process_group()


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--global-batch", type=int, default=32)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--checkpoint", type=pathlib.Path, default=pathlib.Path("run.pt"))
    parser.add_argument("--samples", type=pathlib.Path)
    return parser.parse_args()


def network(classes):
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 16, 3, stride=2), torch.nn.ReLU(), torch.nn.Conv2d(16, 32, 3, stride=2),
        torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(),
        torch.nn.Linear(512, classes))


class Checkpoint:
    """After each step, whole or not at all: written beside and renamed."""

    def __init__(self, options, model, optimizer, loader):
        self.options, self.parts, self.loader = options, (model, optimizer), loader
        self.lines = []

    def load(self):
        if self.options.checkpoint.exists():
            saved = torch.load(self.options.checkpoint, weights_only=True)
            for part, state in zip(self.parts, saved["parts"]):
                part.load_state_dict(state)
            self.loader.load_state_dict(saved["loader"])
            self.lines = saved["lines"]

    def save(self, ids, loss):
        line = {"ids": in_global_order(ids), "loss": mean(loss)}
        if dist.get_rank() != 0:
            return
        self.lines.append(line)
        beside = self.options.checkpoint.with_suffix(".partial")
        torch.save({"parts": [part.state_dict() for part in self.parts],
                    "loader": self.loader.state_dict(), "lines": self.lines}, beside)
        os.replace(beside, self.options.checkpoint)
        if self.options.samples:
            self.options.samples.write_text("".join(
                f"{line['loss']:.6f} {' '.join(map(str, line['ids']))}\n" for line in self.lines))


def in_global_order(ids):
    """The ranks' rows in turn are the global order."""
    everybody = [None] * dist.get_world_size()
    dist.all_gather_object(everybody, ids.tolist())
    longest = max(map(len, everybody))
    return [rank[row] for row in range(longest) for rank in everybody if row < len(rank)]


def mean(loss):
    loss = loss.clone()
    dist.all_reduce(loss)
    return float(loss) / dist.get_world_size()


if __name__ == "__main__":
    main()
