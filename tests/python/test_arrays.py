"""Numbers and lists of records as NumPy arrays, and what Python calls them."""
import json
import pathlib
import tempfile
import unittest

import headrace as hr

ROWS = [{"ids": [1, 2, 3], "score": 0.5, "word": "ab"}, {"ids": [], "word": "c"},
        {"ids": [4], "score": 2, "word": "longer"}]


class Arrays(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "a.jsonl"
        self.path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))

    def batch(self, **fields):
        loader = hr.Loader(str(self.path), batch=3, shuffle="none", tensors="numpy",
                           fields=fields)
        self.addCleanup(loader.close)
        return next(iter(loader))

    def test_a_ragged_field_is_filled_up_with_its_lengths_beside_it(self):
        batch = self.batch(ids=hr.array("ids", "int32", ragged="pad", max_length=4, fill=-1))
        self.assertEqual(batch["ids"].tolist(), [[1, 2, 3, -1], [-1] * 4, [4, -1, -1, -1]])
        self.assertEqual(batch["ids_lengths"].tolist(), [3, 0, 1])

    def test_or_one_row_behind_the_other_with_offsets(self):
        batch = self.batch(ids=hr.array("ids", "int64", ragged="offsets", max_length=4))
        self.assertEqual(batch["ids"].tolist(), [1, 2, 3, 4])
        self.assertEqual(batch["ids_offsets"].tolist(), [0, 3, 3, 4])

    def test_what_is_missing_is_filled_or_an_error_that_says_where(self):
        batch = self.batch(score=hr.array("score", "float32", missing="fill", fill=-9),
                           word=hr.strings("word", 4))
        self.assertEqual(batch["score"].tolist(), [0.5, -9, 2])
        self.assertEqual(bytes(batch["word"][2]), b"long")
        with self.assertRaisesRegex(hr.Error, "a.jsonl, record 1"):
            self.batch(score=hr.array("score", "float32"))


if __name__ == "__main__":
    unittest.main()
