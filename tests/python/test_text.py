"""Text fields from Python: rows of ids, cut and filled up."""
import io
import pathlib
import sys
import tarfile
import tempfile
import unittest

import headrace as hr

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from byte_tokenizer import END, write_tokenizer  # noqa: E402

TEXTS = [b"abc", b"", b"hello world", "é<|end|>".encode(), b"\xff"]


class Text(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tokenizer = write_tokenizer(f"{folder.name}/tokenizer.json")
        self.path = f"{folder.name}/texts.tar"
        with tarfile.open(self.path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for number, text in enumerate(TEXTS):
                member = tarfile.TarInfo(f"{number}.txt")
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text))

    def rows(self, **keys):
        field = hr.text("txt", 6, self.tokenizer, pad_token="<|end|>", **keys)
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


if __name__ == "__main__":
    unittest.main()
