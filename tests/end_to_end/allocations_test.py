"""Once warm, the loader allocates nothing: not the feeder, the workers, the consumer, nor any
library that they call. Usage: allocations_test.py HEADRACE LOADER_ALLOCATIONS."""
import pathlib
import subprocess
import sys

from harness import Case, main, write_tree

PROGRAM = pathlib.Path(sys.argv.pop(2)).resolve()


class Allocations(Case):
    def count(self, source, engine, cache):
        (self.folder / "job.toml").write_text(
            f'preset = "imagenet"\n[dataset]\npath = "{source}"\ncache = "{cache}"\n'
            f'[order]\nepochs = 0\n[batch]\nsize = 16\n'
            f'[loader]\nworkers = 2\nengine = "{engine}"\n')
        told = subprocess.run([PROGRAM, "job.toml"], cwd=self.folder, env=self.environment,
                              text=True, check=True, capture_output=True, timeout=120)
        warming, warm, batches = map(int, told.stdout.split())
        self.assertGreater(warming, 20)  # the count counts
        self.assertGreater(batches, 20)
        return warm

    def test_none_once_warm_from_shards(self):
        write_tree(self.folder / "tree", 60, width=400, height=300)
        for recode in ("lossless", "off"):
            self.expect(0, "pack", "tree", recode, "--recode", recode, "--shard-size", "256K",
                        "--quiet")
            for engine in ("uring", "threads", "psync"):
                for cache in ("page", "direct"):
                    with self.subTest(recode=recode, engine=engine, cache=cache):
                        self.assertEqual(self.count(recode, engine, cache), 0)


if __name__ == "__main__":
    main()
