#!/usr/bin/env python3
"""Headrace's tokenizer beside Hugging Face's and SentencePiece's, on real text in ten scripts and
code.

    ./run bench tokenizer [--rounds N] [--megabytes N] [--threads N] [--json FILE]

Both encode the same documents in turns, with as many threads: theirs by encode_batch, and by
encode_batch_fast, which leaves out where in the text a token came from; ours through the library.
SentencePiece's models are Mistral 7B's (BPE) and a unigram of 4000 pieces that is trained here; its
encode takes all documents at once.
Rates are bytes by CPU second, so that they hold for a core whatever else the machine does.
"""
import argparse
import functools
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests/conformance")]
import rounds  # noqa: E402
import sentencepiece_equal  # noqa: E402
import texts  # noqa: E402


def main():
    options = arguments()
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    import tokenizers  # reads the variable when first used
    documents = sample(options)
    size = sum(map(len, documents))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        records = f"{folder}/records"
        with open(records, "wb") as file:
            for document in documents:
                file.write(len(document).to_bytes(4, "little") + document)
        for name in texts.PACKAGES:
            path = str(texts.tokenizer(texts.cache_folder(), name))
            theirs = tokenizers.Tokenizer.from_file(path)
            rows += compare(name, {"tokenizers encode_batch": theirs.encode_batch,
                                   "tokenizers encode_batch_fast": theirs.encode_batch_fast},
                            ours_of(options, path, records), documents, options)
        for name in ("mistral", "unigram"):
            path = f"{folder}/m.model"
            pathlib.Path(path).write_bytes(sentencepiece_equal.model(name, documents))
            theirs = sentencepiece_equal.sentencepiece.SentencePieceProcessor(model_file=path)
            encode = functools.partial(theirs.encode, num_threads=options.threads)
            rows += compare(name, {"sentencepiece": encode}, ours_of(options, path, records),
                            documents, options)
    print(f"tokenizers {tokenizers.__version__}, {len(documents):,} documents, {size:,} bytes,"
          f" {options.threads} threads each")
    rounds.show("tokenizer", rows)
    if options.json:
        rounds.write_json(options.json, "tokenizer", rows)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--encode-records", default=os.environ.get("HEADRACE_ENCODE_RECORDS"))
    parser.add_argument("--json")
    return parser.parse_args()


def sample(options):
    documents = [document.decode("utf-8", "replace").encode()
                 for document in texts.texts(texts.cache_folder(), whole=True)]
    documents += [path.read_bytes() for path in sorted((ROOT / "src").rglob("*.cc"))]
    random.Random(11).shuffle(documents)
    kept, size = [], 0
    for document in documents:
        if size > options.megabytes * 1e6:
            break
        kept.append(document)
        size += len(document)
    return kept


def ours_of(options, path, records):
    return subprocess.Popen([options.encode_records, path, records], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def compare(name, theirs, ours, documents, options):
    """Of their ways to encode, the first is what the others are compared with."""
    strings = [document.decode() for document in documents]
    contenders = {other: functools.partial(timed, encode, strings)
                  for other, encode in theirs.items()}
    contenders["headrace"] = lambda: asked(ours, options.threads)
    results = {contender: [] for contender in contenders}
    for index in range(options.rounds + 1):  # the first warms up
        for contender, run in contenders.items():
            result = run()
            if index > 0:
                results[contender].append(result)
    ours.stdin.close()
    ours.wait()
    counts = {count for runs in results.values() for _, _, count in runs}
    if len(counts) != 1:
        sys.exit(f"{name}: not the same number of ids: {counts}")
    size = sum(map(len, documents))
    base = next(iter(theirs))
    return [row(f"{name}, {contender}", results[contender], size,
                f"{name}, {base}" if contender != base else None, results[base])
            for contender in contenders]


def timed(encode_batch, strings):
    wall, cpu = time.perf_counter(), cpu_seconds()
    encodings = encode_batch(strings)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    return wall, cpu, sum(map(len, encodings))


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def asked(ours, threads):
    print(threads, file=ours.stdin, flush=True)
    wall, cpu, count = ours.stdout.readline().split()
    return float(wall), float(cpu), int(count)


def row(name, runs, size, base, base_runs):
    def rates(of_runs):
        return [size / cpu / 1e6 for _, cpu, _ in of_runs]
    return rounds.row(name, rates(runs), "MB/s by CPU second", base, rates(base_runs),
                      wall_rate=statistics.median(size / wall / 1e6 for wall, _, _ in runs),
                      ids_by_cpu_second=statistics.median(count / cpu for _, cpu, count in runs))


if __name__ == "__main__":
    main()
