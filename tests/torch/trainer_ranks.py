"""Run by torchrun: trainer_ranks.py NAME DATA OUT. Trains by the example of that name on this rank
and writes what it has seen, OUT/NAME-RANK.json.
"""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples"))


def main():
    name, data, out = sys.argv[1:]
    seen = TRAINERS[name](data, out)
    rank, world_size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    (pathlib.Path(out) / f"{name}-{rank}.json").write_text(
        json.dumps({"seen": seen, "of": world_size, "group": GROUPS.get(name)}))


GROUPS = {}


def note_group(name):
    """While training: the ranks that torch itself knows."""
    import torch.distributed as dist
    GROUPS[name] = [dist.get_rank(), dist.get_world_size(), dist.get_backend()]


def accelerate(data, _):
    import accelerate_run as example
    seen = example.train(data)
    note_group("accelerate")
    return seen


def trainer(data, out):
    import trainer_run as example
    seen = example.train(data, out + "/trainer", num_train_epochs=2)
    note_group("trainer")
    return seen


def lightning(data, _):
    import lightning_run as example

    class Noting(example.Classifier):
        def on_train_end(self):
            note_group("lightning")
    model = Noting()
    example.trainer_of(max_epochs=2, enable_checkpointing=False).fit(
        model, example.loader_of(data))
    return model.seen


TRAINERS = {"accelerate": accelerate, "trainer": trainer, "lightning": lightning}

if __name__ == "__main__":
    main()
