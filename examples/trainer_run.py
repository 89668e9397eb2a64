"""HF Trainer: its train loader is ours, and a resume skips in O(1) instead of reading for hours.

    python examples/trainer_run.py packed OUTPUT
"""
import argparse

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

import headrace as hr
from network import network


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.network = network()

    def forward(self, image, labels):
        logits = self.network(image)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


class HeadraceTrainer(Trainer):
    """Set ignore_data_skip=True: the loader goes to its place itself."""

    def __init__(self, loader, **options):
        super().__init__(train_dataset=range(len(loader) * loader.batch_size), **options)
        self.loader = loader
        self.add_callback(Place(loader))

    def get_train_dataloader(self):
        return self.loader


class Place(TrainerCallback):
    """Puts the loader behind the steps that a checkpoint has done."""

    def __init__(self, loader):
        self.loader = loader

    def on_train_begin(self, arguments, state, control, **others):
        self.loader.set_epoch(0)
        self.loader.skip(state.global_step * arguments.gradient_accumulation_steps)


def train(path, output, resume=None, **options):
    loader = hr.Loader(path, batch=16, seed=7, hold=3, last="drop",
                       fields={"image": hr.image().random_resized_crop(32).flip().normalize(),
                               "labels": hr.integer("cls"), })
    seen = []
    loader.map(lambda batch: seen.append(batch["labels"].tolist()) or batch)
    trainer = HeadraceTrainer(loader, model=Model(), args=TrainingArguments(
        output_dir=output, per_device_train_batch_size=16, use_cpu=True, report_to=[],
        ignore_data_skip=True, disable_tqdm=True, learning_rate=0.01, save_steps=2, **options))
    trainer.train(resume_from_checkpoint=resume)
    return seen


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("output")
    arguments = parser.parse_args()
    print(len(train(arguments.data, arguments.output, num_train_epochs=2)), "batches")
