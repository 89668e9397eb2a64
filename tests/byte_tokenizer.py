"""Tokenizers for tests: every byte is the token of its number, 300 is <|end|> and 301 <|begin|>;
and a SentencePiece model in which a byte's token is its number and 1.
"""
import json
import struct

END, BEGIN = 300, 301

BEGINS = {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<|begin|>", "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}}],
          "special_tokens": {"<|begin|>": {"id": "<|begin|>", "ids": [BEGIN],
                                           "tokens": ["<|begin|>"]}}}


def write_tokenizer(path, begins=False):
    """GPT-2's alphabet writes the bytes. Texts begin with <|begin|> where asked."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {chr(byte): byte for byte in printable} | {
        chr(256 + index): byte for index, byte in enumerate(others)}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"added_tokens": [{"id": END, "content": "<|end|>"},
                                    {"id": BEGIN, "content": "<|begin|>"}], "normalizer": None,
                   "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
                   "post_processor": BEGINS if begins else None,
                   "model": {"type": "BPE", "vocab": letters, "merges": []}}, file)
    return path


def write_pieces(path):
    """All texts become bytes, with no space before them."""
    pieces = [piece("<unk>", 2), *(piece(f"<0x{byte:02X}>", 6) for byte in range(256)),
              piece("</s>", 3), piece("a", 1)]
    with open(path, "wb") as file:
        file.write(pieces_model(pieces, trainer=BPE + b"\x98\x02\x01", normalizer=AS_IT_IS))
    return path


UNIGRAM, BPE = b"\x18\x01", b"\x18\x02"
AS_IT_IS = b"\x18\x00" + b"\x20\x00" + b"\x28\x00"  # no space before it, all spaces stay


def pieces_model(pieces, trainer=b"", normalizer=b""):
    """The file is protobuf."""
    return b"".join(message(1, each) for each in pieces) + message(2, trainer) + message(
        3, normalizer)


def piece(text, kind, score=0.0):
    return message(1, text.encode()) + b"\x15" + struct.pack("<f", score) + bytes([3 << 3, kind])


def message(number, content):
    return bytes([number << 3 | 2, len(content)]) + content
