"""A tokenizer.json for tests: every byte is the token of its number; 300 is <|end|>."""
import json

END = 300


def write_tokenizer(path):
    """GPT-2's alphabet writes the bytes."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {chr(byte): byte for byte in printable} | {
        chr(256 + index): byte for index, byte in enumerate(others)}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"added_tokens": [{"id": END, "content": "<|end|>"}], "normalizer": None,
                   "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
                   "post_processor": None,
                   "model": {"type": "BPE", "vocab": letters, "merges": []}}, file)
    return path
