#!/usr/bin/env python3
"""Ids of Headrace's tokenizer against Hugging Face's: ENCODE_RECORDS [--whole] [--megabytes N].

1. The text is real (tools/texts.py), in ten scripts and more, with code and with bytes that are no
   UTF-8; each code point of Unicode and each pair of corner cases comes once besides.
2. Every id of every document must be equal.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import texts  # noqa: E402

try:
    import numpy
    import tokenizers
except ImportError:
    print("skipped: needs tests/conformance/requirements-text.txt (./run test installs it)")
    sys.exit(77)

SMALL_MEGABYTES = 2
ASSIGNED = (*range(0xD800), *range(0xE000, 0x14700), *range(0x16000, 0x18E00),
            *range(0x1AF00, 0x20100), *range(0x323A0, 0x323C0), *range(0xE0000, 0xE0200), 0x10FFFF)
CORNERS = ["'s", "'S", "'\u017f", "'ll", "'Ll", "'rE", "'", "''", " ", "  ", "\n", "\r\n", "\t",
           "\u00a0", "\u3000", "\u2028", "\u0085", "a", "Z", "\u00e9", "e\u0301", "\u0301",
           "\u0653", "1", "1234", "\u0661\u0662", "\u2167", "\u00bd", ".", "...", "/", "\u3002",
           "\u4e2d", "\u1100\u1161\u11a8", "\uac00\u11a8", "\u0958", "\u212b",
           "a\u0315\u0300\u05ae", "\u200d", "\U0001f600", "\U0001f1e6", "\u0378", "\ufffd",
           "<|endoftext|>", "<|eot_id|>", "<|", "\0"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("encode_records")
    parser.add_argument("--whole", action="store_true", help="all packages: above 100 MB of text")
    parser.add_argument("--megabytes", type=float, help="of each tokenizer's text")
    options = parser.parse_args()
    megabytes = options.megabytes or (None if options.whole else SMALL_MEGABYTES)
    cache = texts.cache_folder()
    documents = made_documents(options.whole) + real_documents(cache, options.whole, megabytes)
    for name in texts.PACKAGES:
        compare(name, texts.tokenizer(cache, name), documents, options.encode_records)
    return 0


def real_documents(cache, whole, megabytes):
    documents = texts.texts(cache, whole)
    documents += [path.read_bytes() for folder in ("src", "tools", "tests")
                  for path in sorted((ROOT / folder).rglob("*"))
                  if path.suffix in (".cc", ".h", ".py")]
    random.Random(7).shuffle(documents)
    if megabytes:
        total, kept = 0, []
        for document in documents:
            total += len(document)
            kept.append(document)
            if total > megabytes * 1e6:
                break
        documents = kept
    return documents + [broken(document) for document in documents[::10]]


def broken(document):
    draws = random.Random(len(document))
    damaged = bytearray(document)
    for _ in range(len(damaged) // 50):
        damaged[draws.randrange(len(damaged))] = draws.randrange(256)
    return bytes(damaged)


def made_documents(whole):
    """Each code point between letters, and corner cases beside each other."""
    codes = [code for code in (range(0x110000) if whole else ASSIGNED)
             if not 0xD800 <= code < 0xE000]
    documents = ["".join(f" a{chr(code)}b" for code in codes[at:at + 1000]).encode()
                 for at in range(0, len(codes), 1000)]
    documents += ["".join(f"{chr(code)}\u0301" for code in codes[at:at + 1000]).encode()
                  for at in range(0, 0x3400, 1000)]
    documents += [(one + other).encode() for one in CORNERS for other in CORNERS]
    draws = random.Random(1)
    documents += ["".join(draws.choices(CORNERS, k=12)).encode() for _ in range(5000)]
    documents += [bytes(draws.choices(b"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\xed\xa0 a", k=9))
                  for _ in range(2000)]
    return documents + [b"", b"a" * 5000, b" " * 5000, b"\n" * 3000, "\u0301".encode() * 300]


def compare(name, path, documents, encode_records):
    theirs = tokenizers.Tokenizer.from_file(str(path))
    ours = encoded(encode_records, path, documents)
    count = 0
    for first in range(0, len(documents), 1000):
        texts_of = [each.decode("utf-8", "replace") for each in documents[first:first + 1000]]
        for expected, (document, mine) in zip(theirs.encode_batch(texts_of), ours):
            if not numpy.array_equal(mine, expected.ids):
                report(name, theirs, document, mine, expected.ids)
            count += len(mine)
    next(ours, None)  # all of the ids were some document's
    say_equal(name, count, documents, f"tokenizers {tokenizers.__version__}")


def encoded(encode_records, model, documents):
    """(document, ids by Headrace) of each; ends the run where ids are left over."""
    with tempfile.TemporaryDirectory() as folder:
        records, ids = f"{folder}/records", f"{folder}/ids"
        with open(records, "wb") as file:
            for document in documents:
                file.write(len(document).to_bytes(4, "little") + document)
        subprocess.run([encode_records, model, records, ids], check=True)
        ours = numpy.fromfile(ids, dtype=numpy.uint32)
    at = 0
    for document in documents:
        mine = ours[at + 1:at + 1 + ours[at]]
        yield document, mine
        at += 1 + len(mine)
    if at != len(ours):
        sys.exit(f"{model}: {len(ours) - at} ids too many")


def say_equal(name, count, documents, package):
    print(f"{name}: {count:,} ids of {sum(map(len, documents)):,} bytes in {len(documents):,}"
          f" documents equal those of {package}", flush=True)


def report(name, theirs, document, mine, expected):
    place = next((i for i, (a, b) in enumerate(zip(mine, expected)) if a != b),
                 min(len(mine), len(expected)))
    sys.exit(f"{name}: ids differ from place {place} on, behind"
             f" {theirs.decode(expected[max(0, place - 5):place])!r}:\n"
             f"  ours   {[theirs.id_to_token(int(i)) for i in mine[place:place + 8]]}\n"
             f"  theirs {[theirs.id_to_token(i) for i in expected[place:place + 8]]}\n"
             f"  in {document[:200]!r}")


if __name__ == "__main__":
    sys.exit(main())
