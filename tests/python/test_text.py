"""Text fields from Python: rows of ids, cut and filled up; and texts packed across documents."""
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

import headrace as hr

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from byte_tokenizer import BEGIN, END, write_pieces, write_tokenizer  # noqa: E402

TEXTS = [b"abc", b"", b"hello world", "é<|end|>".encode(), b"\xff"]


class Text(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tokenizer = write_tokenizer(f"{folder.name}/tokenizer.json")
        self.path = f"{folder.name}/texts.tar"
        with tarfile.open(self.path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for number, text in enumerate(TEXTS):
                member = tarfile.TarInfo(f"{number}.txt")
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text))

    def rows(self, tokenizer=None, pad_token="<|end|>", **keys):
        field = hr.text("txt", 6, tokenizer or self.tokenizer, pad_token=pad_token, **keys)
        loader = hr.Loader(self.path, batch=len(TEXTS), shuffle="none", fields={"ids": field},
                           tensors="numpy", read_ahead="1M")
        return next(iter(loader))["ids"]

    def test_becomes_ids_cut_and_filled_up(self):
        self.assertEqual(self.rows().tolist(), [
            [97, 98, 99, END, END, END],
            [END] * 6,
            list(b"hello "),
            [0xC3, 0xA9, END, END, END, END],
            [0xEF, 0xBF, 0xBD, END, END, END]])
        self.assertEqual(self.rows(type="int32").dtype.name, "int32")

    def test_that_is_too_long_is_an_error_where_it_may_not_be_cut(self):
        with self.assertRaisesRegex(hr.Error, "more tokens than the field's shape holds"):
            self.rows(cut=False)

    def test_begins_with_the_special_token_unless_told_otherwise(self):
        begins = write_tokenizer(f"{self.folder}/begins.json", begins=True)
        self.assertEqual(self.rows(begins)[:3].tolist(), [
            [BEGIN, 97, 98, 99, END, END], [BEGIN] + [END] * 5, [BEGIN, *b"hello"]])
        self.assertEqual(self.rows(begins, special_tokens=False).tolist(), self.rows().tolist())

    def test_becomes_the_pieces_of_a_sentencepiece_model(self):
        pieces, end = write_pieces(f"{self.folder}/m.model"), 257
        self.assertEqual(self.rows(pieces, "</s>")[:4].tolist(), [
            [258, 99, 100, end, end, end], [end] * 6, [byte + 1 for byte in b"hello "],
            [byte + 1 for byte in "é<|en".encode()]])

    def test_that_is_packed_across_documents_knows_where_they_end(self):
        lines = pathlib.Path(self.folder) / "lines.txt"
        lines.write_bytes(b"abc\nhello\nx\ny\nlast one")
        subprocess.run([sys.executable, "-m", "headrace", "pack", "--tokens", "--tokenizer",
                        self.tokenizer, "--texts", "line", "--end-token", "<|end|>", "--quiet",
                        lines, f"{self.folder}/packed"], check=True)
        fields = {"tokens": hr.tokens(), "positions": hr.tokens("positions", end_token=END),
                  "boundaries": hr.tokens("boundaries", end_token=END, shape=[6])}
        loader = hr.Loader(f"{self.folder}/packed", batch=1, shuffle="none", sequence=8,
                           fields=fields, tensors="numpy")
        first, second = (next(iterator) for iterator in [iter(loader)] * 2)
        self.assertEqual(first["tokens"].tolist(), [[*b"abc", END, *b"hell"]])
        self.assertEqual(first["positions"].tolist(), [[0, 1, 2, 3, 0, 1, 2, 3]])
        self.assertEqual(first["boundaries"].tolist(), [[0, 4, 8, 8, 8, 8]])
        self.assertEqual(second["tokens"].tolist(), [[*b"o", END, *b"x", END, *b"y", END, *b"la"]])
        self.assertEqual(second["boundaries"].tolist(), [[0, 2, 4, 6, 8, 8]])


if __name__ == "__main__":
    unittest.main()
