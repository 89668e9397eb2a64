"""The same pictures several times over: each epoch reads another copy front to back, and a sample
is the same one, with its own number, whichever copy it came from."""
import json
import signal

import numpy
from harness import Case, main, write_tree

SAMPLES = 41
PACK = ["pack", "tree", "out", "--copies", "3", "--shard-size", "60K", "--quiet"]


class Copies(Case):
    def setUp(self):
        super().setUp()
        write_tree(self.folder / "tree", SAMPLES)

    def dump(self, name, *options):
        """Ids and pictures' bytes, in the order of the batches."""
        target = self.folder / name
        self.expect(0, "feed", "out", "--preset", "raw", "--batch", 8, "--quiet", "--dump", target,
                    "--dump-batches", 99, *options)
        ids = [numpy.load(path) for path in sorted(target.glob("*.ids.npy"))]
        rows = [numpy.load(path) for path in sorted(target.glob("*.npy"))
                if path.name.split(".")[-2] not in ("ids", "label", "cls")]
        return numpy.concatenate(ids), numpy.concatenate([each for each in rows if each.ndim == 2])

    def test_epochs_read_one_copy_after_the_other_and_number_samples_alike(self):
        self.expect(0, *PACK)
        ids, rows = self.dump("three", "--epochs", 4)
        ids, rows = ids.reshape(4, SAMPLES), rows.reshape(4, SAMPLES, -1)
        self.assertEqual(ids[0].tolist(), list(range(SAMPLES)))
        self.assertEqual(ids[3].tolist(), ids[0].tolist())
        for epoch in range(3):
            self.assertEqual(sorted(ids[epoch]), list(range(SAMPLES)))
            self.assertEqual((rows[epoch] == rows[0][ids[epoch]]).all(), True)
        self.assertEqual(len({tuple(each) for each in ids}), 3)
        ids, rows = self.dump("global", "--shuffle", "global")
        self.assertEqual((rows == self.dump("stored", "--shuffle", "none")[1][ids]).all(), True)

    def test_every_verb_knows_them(self):
        told = json.loads(self.expect(0, *PACK[:-1], "--json", "-").out)
        self.assertEqual((told["copies"], told["samples"]), (3, SAMPLES))
        self.expect(0, "inspect", "out", says=["41 samples", "the first of 3 copies"])
        self.expect(0, "verify", "out", says=["whole", "123 samples", "of 3 copies"])
        self.expect(0, "feed", "out/copy-1", "--preset", "raw", "--batch", 8, "--quiet")
        record = json.loads(self.expect(0, "feed", "out", "--batch", 8, "--json", "-").out)
        self.assertEqual(record["dataset"]["samples"], SAMPLES)
        self.expect(2, "feed", "out/copy-1", "--shuffle", "copies", says=["it was packed once"])
        self.expect(3, "pack", "tree", "out", "--shard-size", "60K", says=["more than one copy"])
        (self.folder / "out" / "copy-2" / "headrace.json").unlink()
        self.expect(1, "verify", "out", says=["out/copy-2", "it has no manifest"])
        self.expect(3, "feed", "out", "--batch", 8, says=["out/copy-2", "it has no manifest"])

    def test_killed_at_any_time_and_run_again_is_the_same_to_the_byte(self):
        self.expect(0, "pack", "tree", "whole", *PACK[3:])
        for awaited in ("headrace.packing.json", "copy-1/headrace.packing.json",
                        "copy-2/shard-000001.tar"):
            process = self.start(*PACK)
            self.await_file(process, self.folder / "out" / awaited)
            process.send_signal(signal.SIGKILL)
            self.end(process)
        self.expect(0, *PACK)
        made, wanted = ({path.relative_to(self.folder / name): path.read_bytes()
                         for path in (self.folder / name).rglob("*") if path.is_file()}
                        for name in ("out", "whole"))
        self.assertEqual(made == wanted, True)


if __name__ == "__main__":
    main()
