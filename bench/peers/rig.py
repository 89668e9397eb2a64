"""What a run stands on: the formats that contenders read, made once; one sample of one contender.

`options` are those of the command line. One thread.
"""
import os
import shutil
import subprocess
import sys

import measure


def one_sample(options, contender):
    data = data_of(options, contender)
    warm(data)
    return measure.run(contender.command(options, data), options.affinity,
                       options.logs / f"peers-{contender.name}.log")


def data_of(options, contender):
    if contender.data == "folder":
        return options.photos
    return options.cache / f"peers-{contender.data}"


def warm(data):
    files = [data] if data.is_file() else [path for path in data.rglob("*") if path.is_file()]
    for path in files:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 22):
                pass


def prepare(options):
    """Makes the format that each contender reads, once; the photo set is there already."""
    if not options.photos:
        sys.exit("peers: no photo set; ./run bench peers makes one, or name one with --photos")
    options.logs.mkdir(parents=True, exist_ok=True)
    pack(options, "packed", "lossless")
    pack(options, "plain", "off")
    for contender in options.contenders:
        data = data_of(options, contender)
        if not data.exists():
            make(contender, options, data)


def pack(options, name, recode):
    """What another version packed otherwise is packed anew."""
    out = options.cache / f"peers-{name}"
    command = [options.build / "headrace", "pack", options.photos, out, "--recode", recode,
               "--quiet"]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode != 0:
        shutil.rmtree(out, ignore_errors=True)
        subprocess.run(command, check=True)


def make(contender, options, data):
    """Under another name first, so that what was cut short is never taken for whole."""
    say(f"making {data.name} (kept for next time)")
    half = data.with_name(f".{data.name}.{os.getpid()}")
    log = options.logs / f"peers-{data.name}.log"
    with open(log, "wb") as errors:
        made = subprocess.run(contender.prepare_command(options.photos, half), stdout=errors,
                              stderr=errors)
    if made.returncode == 0:
        os.rename(half, data)
        return
    shutil.rmtree(half, ignore_errors=True)
    half.unlink(missing_ok=True)
    say(f"{data.name} could not be made; {measure.last_words(log)}")


def write_text(path, text):
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(text)
    os.replace(half, path)
    say(f"wrote {path}")


def say(line):
    print(f"peers: {line}", file=sys.stderr, flush=True)
