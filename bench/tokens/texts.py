#!/usr/bin/env python3
"""JSONL to Megatron's token files: `headrace pack --tokens --tokenizer` beside what Megatron's
preprocess_data.py does, each a process of its own with all cores.

    ./run bench texts [--rounds N] [--megabytes N] [--json FILE]

Theirs: json, Hugging Face's tokenizers in batches on all cores without offsets, NumPy's arrays to
the .bin; its lengths are written nowhere, so it does a little less. Files are in the page cache,
and both .bin must be equal.
"""
import argparse
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "bench")]
import rounds  # noqa: E402
import texts  # noqa: E402

END, BATCH = "<|endoftext|>", 64


def main():
    options = arguments()
    if options.theirs:
        theirs(*options.theirs)
        return
    tokenizer = str(texts.tokenizer(texts.cache_folder(), "gpt2"))
    with tempfile.TemporaryDirectory() as folder:
        source, size = write_corpus(folder, options.megabytes)
        commands = {
            "headrace pack --tokens": [options.headrace, "pack", "--tokens", "--tokenizer",
                                       tokenizer, source, f"{folder}/ours", "--end-token", END,
                                       "--quiet"],
            "json, tokenizers, numpy": [sys.executable, __file__, "--theirs", tokenizer, source,
                                        f"{folder}/theirs.bin"]}
        runs = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                runs[name].append(timed(command, size))
        if pathlib.Path(f"{folder}/ours.bin").read_bytes() != pathlib.Path(
                f"{folder}/theirs.bin").read_bytes():
            sys.exit("their tokens differ from ours")
    rows = rows_of(runs)
    rounds.show("texts", rows)
    if options.json:
        rounds.write_json(options.json, "texts", rows)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--headrace", default=os.environ.get("HEADRACE_COMMAND"))
    parser.add_argument("--theirs", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--json")
    return parser.parse_args()


def write_corpus(folder, megabytes):
    documents = texts.texts(texts.cache_folder(), True)
    random.Random(3).shuffle(documents)
    path, size = f"{folder}/corpus.jsonl", 0
    with open(path, "w", encoding="utf-8") as file:
        for number, document in enumerate(documents):
            text = document.decode("utf-8", "replace")
            size += file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")
            if size > megabytes * 1e6:
                break
    return path, os.path.getsize(path)


def theirs(tokenizer_file, source, target):
    import numpy
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(tokenizer_file)
    end = tokenizer.token_to_id(END)
    with open(source, encoding="utf-8") as lines, open(target, "wb") as out:
        batch = []

        def flush():
            for encoded in tokenizer.encode_batch_fast(batch):
                ids = encoded.ids + [end] if encoded.ids else []
                out.write(numpy.array(ids, dtype=numpy.uint16).tobytes())
            batch.clear()
        for line in lines:
            batch.append(json.loads(line)["text"])
            if len(batch) == BATCH:
                flush()
        flush()


def timed(command, size):
    """MB a second, and CPU seconds a GB, of the whole process."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True)
    passed = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return size / 1e6 / passed, cpu_s / (size / 1e9)


def rows_of(runs):
    rows, other = [], "json, tokenizers, numpy"
    for index, unit in enumerate(("MB/s", "CPU s/GB")):
        base = [run[index] for run in runs[other]]
        for name, measured in runs.items():
            of = other if name != other else None
            rows.append(rounds.row(name, [run[index] for run in measured], unit, of, base))
    return rows


if __name__ == "__main__":
    main()
