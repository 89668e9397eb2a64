"""One contender of tokens.py: contenders.py NAME PREFIX. Says that it is ready, then runs for as
many seconds as each line of standard input says; every answer is a line of JSON.
"""
import logging
import pathlib
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import rounds  # noqa: E402

SEQUENCE, BATCH, SEED = 4096, 8, 1234
PREPARED_SAMPLES = 5_000_000


def main():
    name, prefix = sys.argv[1:]
    if name.startswith("prepare "):
        rounds.say(PREPARES[name](prefix))
        return
    rounds.serve(CONTENDERS[name](prefix))


# Each yields the number of tokens in a batch whose int64 inputs and labels are there.

def headrace(prefix, shuffle="global"):
    import headrace as hr
    loader = hr.Loader(prefix, batch=BATCH, seed=SEED, sequence=SEQUENCE, fields="tokens",
                       shuffle=shuffle, last="drop")
    while True:
        for batch in loader:
            assert batch["tokens"].shape == batch["labels"].shape == (BATCH, SEQUENCE)
            yield BATCH * SEQUENCE


def memory_map(prefix):
    import torch

    class Sequences(torch.utils.data.Dataset):
        def __init__(self):
            self.tokens = numpy.memmap(prefix + ".bin", dtype=numpy.uint16, mode="r")

        def __len__(self):
            return (len(self.tokens) - 1) // SEQUENCE

        def __getitem__(self, index):
            piece = self.tokens[index * SEQUENCE:(index + 1) * SEQUENCE + 1].astype(numpy.int64)
            return piece[:-1], piece[1:]
    loader = torch.utils.data.DataLoader(Sequences(), batch_size=BATCH, shuffle=True,
                                         drop_last=True)
    while True:
        for inputs, _ in loader:
            yield inputs.numel()


def nano_gpt(prefix):
    """As its train.py makes a batch: the map is opened anew each time, against a leak."""
    import torch
    while True:
        tokens = numpy.memmap(prefix + ".bin", dtype=numpy.uint16, mode="r")
        begins = torch.randint(len(tokens) - SEQUENCE, (BATCH,))
        inputs, labels = (torch.stack([
            torch.from_numpy(tokens[at + shift:at + shift + SEQUENCE].astype(numpy.int64))
            for at in begins]) for shift in (0, 1))
        assert inputs.shape == labels.shape
        yield inputs.numel()


def megatron_set(prefix, wanted):
    logging.disable(logging.WARNING)
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
    from megatron.core.datasets.indexed_dataset import IndexedDataset
    from megatron.core.datasets.utils import Split

    class Tokenizer:
        eod, pad, unique_identifiers, vocab_size = 0, -2, {"bytes": "pairs"}, 65536
    config = GPTDatasetConfig(
        random_seed=SEED, sequence_length=SEQUENCE, split="1,0,0", reset_position_ids=False,
        reset_attention_mask=False, eod_mask_loss=False, tokenizer=Tokenizer(),
        create_attention_mask=False)
    tokens = IndexedDataset(prefix)
    documents = numpy.arange(len(tokens), dtype=numpy.int32)
    begin = time.perf_counter()
    made = GPTDataset(tokens, prefix, documents, wanted, Split.train, config)
    return made, time.perf_counter() - begin


def megatron(prefix, workers):
    import torch
    made, _ = megatron_set(prefix, None)
    loader = torch.utils.data.DataLoader(made, batch_size=BATCH, num_workers=workers,
                                         drop_last=True, persistent_workers=workers > 0)
    while True:
        for batch in loader:
            assert batch["labels"].shape == batch["tokens"].shape
            yield batch["tokens"].numel()


def widening(prefix):
    """What one thread can do at best without shuffling: each token read once, written twice."""
    tokens = numpy.fromfile(prefix + ".bin", dtype=numpy.uint16)
    count = BATCH * SEQUENCE
    slots = [numpy.empty((2, count), numpy.int64) for _ in range(5)]  # as many as ours has
    at, turn = 0, 0
    while True:
        if at + count + 1 > len(tokens):
            at = 0
        inputs, labels = slots[turn % len(slots)]
        numpy.copyto(inputs, tokens[at:at + count])
        numpy.copyto(labels, tokens[at + 1:at + count + 1])
        at, turn = at + count, turn + 1
        yield count


def copying(_):
    """Memory's own pace: 18 bytes moved for each token counted, as a batch of ours moves them."""
    source = numpy.ones(256 << 20, numpy.uint8)
    target = numpy.empty_like(source)
    while True:
        numpy.copyto(target, source)
        yield 2 * source.nbytes // 18


def headrace_set(prefix, wanted):
    import headrace as hr
    with tempfile.TemporaryDirectory() as folder:
        job = pathlib.Path(folder) / "headrace.toml"
        job.write_text(f'preset = "tokens"\n[dataset]\npath = "{prefix}"\nsequence = {SEQUENCE}\n'
                       f'[order]\nshuffle = "megatron"\nseed = {SEED}\nsamples = {wanted}\n')
        begin = time.perf_counter()
        loader = hr.Loader.from_job(job)
        return loader, time.perf_counter() - begin


def prepare_headrace(prefix):
    headrace_set(prefix, 1)  # imports, and pages of the index
    before = memory_mb("VmRSS")
    loader, passed = headrace_set(prefix, PREPARED_SAMPLES)
    assert len(loader) * 256 >= PREPARED_SAMPLES
    return {"prepare_s": passed, "grown_mb": memory_mb("VmHWM") - before}


def prepare_megatron(prefix):
    megatron_set(prefix, 1)  # imports, and pages of the index
    before = memory_mb("VmRSS")
    made, passed = megatron_set(prefix, PREPARED_SAMPLES)
    assert len(made) >= PREPARED_SAMPLES
    return {"prepare_s": passed, "grown_mb": memory_mb("VmHWM") - before}


def memory_mb(key):
    """Reserved huge pages, where there are any, are no part of what a process is said to have."""
    text = pathlib.Path("/proc/self/status").read_text()
    return sum(int(text.split(each + ":")[1].split()[0]) for each in (key, "HugetlbPages")) / 1024


CONTENDERS = {
    "headrace": headrace,
    "headrace, megatron order": lambda prefix: headrace(prefix, "megatron"),
    "memory map, no workers": memory_map,
    "nanoGPT get_batch": nano_gpt,
    "megatron-core, 0 workers": lambda prefix: megatron(prefix, 0),
    "megatron-core, 1 worker": lambda prefix: megatron(prefix, 1),
    "megatron-core, 2 workers": lambda prefix: megatron(prefix, 2),
    "widening alone, in order": widening,
    "memory copied": copying,
}
PREPARES = {"prepare headrace": prepare_headrace, "prepare megatron-core": prepare_megatron}

if __name__ == "__main__":
    main()
