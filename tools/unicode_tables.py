#!/usr/bin/env python3
"""Writes src/headrace/text/unicode_data.inc: classes of code points, and what NFC needs of them.

Run with `pip install unicodedata2==16.0.0`: the Unicode of the regex engine in Hugging Face
tokenizers 0.23. Its NFC is that of Unicode 9, so later code points take no part in it here either;
Debian's perl knows which they are. The conformance test compares both for all code points.
"""
import pathlib
import subprocess

import unicodedata2 as unicode

VERSION, NFC_VERSION = "16.0.0", "9.0"
BLOCK = 256  # code points; as in unicode.h
LAST = 0x110000
# The order of Class in unicode.h.
OTHER, SPACE, NEWLINE, NUMBER, LOWER, UPPER, LETTER, MARK, PUNCTUATION, SYMBOL = range(10)
BY_CATEGORY = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lm": LETTER, "Lo": LETTER}
BY_MAJOR = {"N": NUMBER, "M": MARK, "P": PUNCTUATION, "S": SYMBOL}
# White_Space, which is what \s means there.
SPACES = {*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F,
          0x205F, 0x3000}
NOT_COMPOSED_YET, HAS_COMBINING_CLASS = 16, 32  # bits above the class


def main():
    assert unicode.unidata_version == VERSION, unicode.unidata_version
    decompositions, compositions = [], []
    old = code_points_of(NFC_VERSION)
    for code in sorted(old):
        parts = unicode.decomposition(chr(code)).split()
        if not parts or parts[0].startswith("<"):
            continue
        first, second = [int(part, 16) for part in parts + ["0"]][:2]
        decompositions.append((code, first, second))
        assert first in old and (second == 0 or second in old)
        if second and unicode.normalize("NFC", chr(code)) == chr(code):
            compositions.append((first, second, code))
    seconds = {second for _, second, _ in compositions} | {*range(0x1161, 0x1176),
                                                           *range(0x11A8, 0x11C3)}
    blocks, stages = [], []
    for start in range(0, LAST, BLOCK):
        block = tuple(entry_of(code, seconds, old) for code in range(start, start + BLOCK))
        if block not in blocks:
            blocks.append(block)
        stages.append(blocks.index(block))
    combining = [(code, unicode.combining(chr(code))) for code in sorted(old)
                 if unicode.combining(chr(code))]
    target = pathlib.Path(__file__).parent.parent / "src/headrace/text/unicode_data.inc"
    assert len(blocks) <= 256
    target.write_text("".join((
        f"// Made by tools/unicode_tables.py of Unicode {VERSION}.\n",
        array("uint8_t k_block_of", f"[{len(stages)}]", stages),
        array("uint8_t k_entries", f"[{len(blocks) * BLOCK}]", [e for b in blocks for e in b]),
        array("Combining k_combining", "[]", combining),
        array("Decomposition k_decompositions", "[]", decompositions),
        array("Composition k_compositions", "[]", sorted(compositions)))))


def code_points_of(version):
    program = "for (0..0xD7FF, 0xE000..0x10FFFF) { print qq($_ ) if chr =~ /\\p{In=VERSION}/ }"
    program = program.replace("VERSION", version)
    listed = subprocess.run(["perl", "-e", program], check=True, capture_output=True, text=True)
    return {int(code) for code in listed.stdout.split()}


def entry_of(code, seconds, old):
    if 0xD800 <= code < 0xE000:
        return OTHER
    text = chr(code)
    if code not in old:
        return class_of(code, unicode.category(text))
    changes = unicode.normalize("NFC", text) != text or code in seconds
    return (class_of(code, unicode.category(text)) | (NOT_COMPOSED_YET if changes else 0) |
            (HAS_COMBINING_CLASS if unicode.combining(text) else 0))


def class_of(code, category):
    if code in SPACES:
        return NEWLINE if code in (0x0A, 0x0D) else SPACE
    return BY_CATEGORY.get(category) or BY_MAJOR.get(category[0], OTHER)


def array(name, bounds, values):
    """As C++, the flat way, in lines of at most 100 columns."""
    lines, line = [], ""
    for value in values:
        word = (f"{value}," if isinstance(value, int) else
                "{" + ",".join(str(part) for part in value) + "},")
        if len(line) + len(word) > 98:
            lines.append(line)
            line = ""
        line += word
    return f"constexpr {name}{bounds} = {{\n" + "\n".join([*lines, line]) + "\n};\n"


if __name__ == "__main__":
    main()
