"""A trace from Python: whole after close(), and as the loader or the interpreter ends."""
import gc
import json
import os
import pathlib
import subprocess
import sys
import textwrap
import unittest

from shards import WithShards

import headrace as hr


class Trace(WithShards):
    def setUp(self):
        self.trace = pathlib.Path(self._folder.name) / f"{self.id()}.json"

    def names(self):
        return {event["name"] for event in json.loads(self.trace.read_text())["traceEvents"]}

    def test_close_writes_what_every_epoch_did(self):
        loader = self.loader(trace=self.trace)
        for _ in range(2):
            for _ in loader:
                pass
        self.assertFalse(self.trace.exists())
        loader.close()
        self.assertLessEqual({"samples", "decode", "wait", "making", "lent"}, self.names())

    def test_it_is_written_as_the_loader_ends(self):
        loader = self.loader(trace=self.trace)
        next(iter(loader))
        del loader
        gc.collect()
        self.assertIn("decode", self.names())

    def test_it_is_written_as_python_ends_also_by_ctrl_c(self):
        program = f"""
            import headrace as hr
            loader = hr.Loader({self.path!r}, batch=8, trace={str(self.trace)!r}, tensors="numpy",
                               fields={{"label": hr.integer("cls")}})
            batch = next(iter(loader))
            raise KeyboardInterrupt
        """
        ended = subprocess.run([sys.executable, "-c", textwrap.dedent(program)],
                               env=os.environ, capture_output=True, text=True, timeout=60)
        self.assertIn("KeyboardInterrupt", ended.stderr)
        self.assertIn("samples", self.names())

    def test_no_folder_for_it_is_an_error(self):
        with self.assertRaisesRegex(hr.Error, "gone"):
            next(iter(self.loader(trace=f"{self._folder.name}/gone/trace.json")))


if __name__ == "__main__":
    unittest.main()
