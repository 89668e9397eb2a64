#!/usr/bin/env python3
"""Ids of SentencePiece models against the package: ENCODE_RECORDS [--whole] [--megabytes N].

1. One model is Mistral 7B's. The others are trained here, on the text that is compared: both types,
   each way of normalizing, bytes for what is unknown, symbols of one's own, spaces before and
   behind; and two with unused pieces.
2. Every id of every document of tokenizers_equal.py must be equal.
"""
import argparse
import io
import pathlib
import sys
import tempfile

try:
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
except ImportError:
    print("skipped: needs tests/conformance/requirements-text.txt (./run test installs it)")
    sys.exit(77)

import tokenizers_equal as corpus
from tokenizers_equal import texts

SMALL_MEGABYTES = 0.4
TRAINED_MEGABYTES = 0.5
SYMBOLS = ["<mask>", "<a b>", "\N{GREEK SMALL LETTER ALPHA}\N{GREEK SMALL LETTER BETA}", "'s",
           "...."]
LLAMA = {"model_type": "bpe", "byte_fallback": True, "normalization_rule_name": "identity",
         "remove_extra_whitespaces": False, "split_digits": True,
         "allow_whitespace_only_pieces": True}
MODELS = {
    "unigram": {},
    "unigram, bytes": {"byte_fallback": True, "normalization_rule_name": "nmt_nfkc_cf"},
    "unigram, symbols": {"user_defined_symbols": SYMBOLS, "control_symbols": ["<ctl>"]},
    "unigram, suffix": {"treat_whitespace_as_suffix": True},
    "unigram, across words": {"split_by_whitespace": False, "normalization_rule_name": "nfkc"},
    "bpe": {"model_type": "bpe"},
    "bpe, as llama": LLAMA,
    "bpe, symbols": {**LLAMA, "user_defined_symbols": SYMBOLS, "add_dummy_prefix": False},
    "bpe, suffix": {"model_type": "bpe", "treat_whitespace_as_suffix": True},
    "bpe, across words": {"model_type": "bpe", "split_by_whitespace": False},
    "bpe, unused": {"model_type": "bpe", "byte_fallback": True, "unused": 0.3},
    "unigram, unused": {"unused": 0.3},
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("encode_records")
    parser.add_argument("--whole", action="store_true", help="all packages: above 50 MB of text")
    parser.add_argument("--megabytes", type=float, help="of each model's text")
    names = [texts.PIECES_NAME, *MODELS]
    parser.add_argument("--model", choices=names, help="this one alone")
    options = parser.parse_args()
    megabytes = options.megabytes or (None if options.whole else SMALL_MEGABYTES)
    cache = texts.cache_folder()
    real = corpus.real_documents(cache, options.whole, megabytes)
    documents = corpus.made_documents(options.whole) + real
    documents += [" ".join(SYMBOLS * 3).encode(), "".join(SYMBOLS * 3).encode(),
                  b"  <mask>  <ctl> <s>"]
    for name in [options.model] if options.model else names:
        compare(name, model(name, real), documents, options.encode_records)
    return 0


def model(name, documents):
    if name == texts.PIECES_NAME:
        return texts.pieces_model(texts.cache_folder()).read_bytes()
    return trained(MODELS[name], documents)


def trained(arguments, documents):
    """On what comes first."""
    unused = arguments.get("unused", 0)
    lines, size = [], 0
    for document in documents:
        for line in document.decode("utf-8", "replace").split("\n"):
            if line and "\ufffd" not in line and size < TRAINED_MEGABYTES * 1e6:
                lines.append(line[:1000])
                size += len(line)
    target = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=target, vocab_size=4000,
        character_coverage=0.995, minloglevel=2, num_threads=2, hard_vocab_limit=False,
        **{key: value for key, value in arguments.items() if key != "unused"})
    made = sentencepiece_model_pb2.ModelProto.FromString(target.getvalue())
    for number, piece in enumerate(made.pieces):
        if piece.type == 1 and unused and number % 10 < unused * 10:
            piece.type = 5
    return made.SerializeToString()


def compare(name, proto, documents, encode_records):
    theirs = sentencepiece.SentencePieceProcessor(model_proto=proto)
    with tempfile.NamedTemporaryFile(suffix=".model") as file:
        file.write(proto)
        file.flush()
        count = 0
        for document, mine in corpus.encoded(encode_records, file.name, documents):
            expected = theirs.encode(document.decode("utf-8", "replace"))
            if mine.tolist() != expected:
                report(name, theirs, document, mine.tolist(), expected)
            count += len(mine)
    corpus.say_equal(name, count, documents, f"sentencepiece {sentencepiece.__version__}")


def report(name, theirs, document, mine, expected):
    place = next((i for i, (a, b) in enumerate(zip(mine, expected)) if a != b),
                 min(len(mine), len(expected)))
    sys.exit(f"{name}: ids differ from place {place} on:\n"
             f"  ours   {[theirs.id_to_piece(i) for i in mine[max(0, place - 5):place + 8]]}\n"
             f"  theirs {[theirs.id_to_piece(i) for i in expected[max(0, place - 5):place + 8]]}\n"
             f"  in {document[:200]!r}")


if __name__ == "__main__":
    sys.exit(main())
