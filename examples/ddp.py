"""Plain PyTorch DDP. Killed at any moment and started again, with any number of ranks that divides
64, it goes on with the very samples and pixels that come next.

    torchrun --nproc-per-node 2 examples/ddp.py packed
"""
import os
import sys

import torch
import torch.distributed as dist

import headrace as hr

dist.init_process_group("gloo")
rank, world_size = dist.get_rank(), dist.get_world_size()
train = hr.Loader(sys.argv[1], batch=64 // world_size, seed=7, last="drop", ids="id",
                  fields={"image": hr.image().random_resized_crop(64).flip().normalize(hr.IMAGENET),
                          "label": hr.integer("cls")})
torch.manual_seed(0)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Sequential(
    torch.nn.Conv2d(3, 16, 5, stride=2), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4),
    torch.nn.Flatten(), torch.nn.Linear(256, 1000)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
parts = {"model": model, "optimizer": optimizer, "loader": train}
if os.path.exists("run.pt"):
    for name, state in torch.load("run.pt").items():
        parts[name].load_state_dict(state)

with open(f"samples-{rank}-of-{world_size}.log", "a") as log:
    for epoch in range(train.epoch, 3):
        train.set_epoch(epoch)
        for batch in train:                        # a dict of tensors, already there
            loss = torch.nn.functional.cross_entropy(model(batch["image"]), batch["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            print(*train.place, f"{loss:.4f}", *batch["id"].tolist(), file=log, flush=True)
            if rank == 0:                          # the loader's state is the same on all ranks
                torch.save({name: part.state_dict() for name, part in parts.items()}, "run.new")
                os.replace("run.new", "run.pt")
dist.destroy_process_group()
