"""HF accelerate: it prepares the model; the Loader shards itself by rank and stays as it is.

    accelerate launch examples/accelerate_run.py packed

accelerate holds one batch ahead of the one in training: hold=3.
"""
import argparse

import torch
from accelerate import Accelerator

import headrace as hr
from network import network


def train(path, epochs=2):
    accelerator = Accelerator(cpu=True)
    loader = hr.Loader(path, batch=16, seed=7, ids="id", hold=3,
                       rank=accelerator.process_index, world_size=accelerator.num_processes,
                       fields={"image": hr.image().random_resized_crop(32).flip().normalize(),
                               "label": hr.integer("cls")})
    model = network()
    model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=0.02))
    accelerator.register_for_checkpointing(loader)
    seen = []
    for epoch in range(epochs):
        loader.set_epoch(epoch)
        for batch in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(batch["image"]), batch["label"])
            accelerator.backward(loss)
            optimizer.step()
            seen += batch["id"].tolist()
    return seen


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    print(len(train(parser.parse_args().data)), "samples")
