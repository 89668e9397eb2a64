#!/usr/bin/env python3
"""Installs the library from a build tree into an empty folder, builds examples/cpp against it, and
runs that on shards made here: installed.py BUILD."""
import collections
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
COUNT, CLASSES = 60, 7


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        say("cmake", "--install", sys.argv[1], "--component", "library", "--prefix",
            folder / "installed")
        say("cmake", "-S", ROOT / "examples" / "cpp", "-B", folder / "build", "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={folder / 'installed'}")
        say("cmake", "--build", folder / "build")
        with tarfile.open(folder / "shard.tar", "w") as tar:
            for number in range(COUNT):
                data = b"%d" % (number % CLASSES)
                member = tarfile.TarInfo(f"{number}.cls")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        job = folder / "headrace.toml"
        job.write_text(f'[dataset]\npath = "{folder / "shard.tar"}"\n[batch]\nsize = 8\n'
                       '[[field]]\nname = "label"\nfrom = "cls"\nkind = "integer"\n')
        said = say(folder / "build" / "count_labels", job)
        expected = collections.Counter(number % CLASSES for number in range(COUNT))
        assert said == "".join(f"{k} {v}\n" for k, v in sorted(expected.items())), said


def say(*words):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{words}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
