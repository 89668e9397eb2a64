"""The command's public interface, word for word: help texts, the version's features, the keys of
each --json, exit statuses. Usage: golden.py HEADRACE [--renew], where --renew writes the files
anew: look at `git diff tests/golden` and say in CHANGELOG.md what a user will see.

Exits 77 (skip) when Pillow is missing, 1 on a difference.
"""
import difflib
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}; ./run test installs it")
    sys.exit(77)

HERE = pathlib.Path(__file__).resolve().parent


def main(headrace, renew):
    command = str(pathlib.Path(headrace).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        write_tree(folder / "tree")
        found = {**help_texts(command), "version.txt": version(command),
                 "json_keys.txt": json_keys(command, folder),
                 "exit_codes.txt": exit_codes(command, folder)}
    if renew:
        for path in HERE.glob("*.txt"):
            path.unlink()
        for name, text in found.items():
            (HERE / name).write_text(text)
        return
    differing = [name for name in sorted({*found, *(path.name for path in HERE.glob("*.txt"))})
                 if differs(name, found.get(name, ""))]
    if differing:
        print(f"differ: {', '.join(differing)}\n"
              f"if that is meant: {sys.executable} {sys.argv[0]} {headrace} --renew")
        sys.exit(1)


def differs(name, text):
    path = HERE / name
    golden = path.read_text() if path.exists() else ""
    lines = difflib.unified_diff(golden.splitlines(), text.splitlines(), f"golden/{name}", "now",
                                 lineterm="")
    for line in lines:
        print(line)
    return golden != text


def run(command, *arguments, cwd=None):
    environment = {"HEADRACE_CACHE": str(cwd / "cache")} if cwd else {}
    return subprocess.run([command, *arguments], cwd=cwd, capture_output=True, text=True,
                          env=environment, timeout=120)


def help_texts(command, verbs=()):
    """The help of the command, of each verb that it lists, and of each verb's verbs."""
    text = run(command, *verbs, "--help").stdout
    texts = {"_".join(["help", *verbs]) + ".txt": text}
    listed = text.split("Subcommands:")[1].split("\n\n")[0] if "Subcommands:" in text else ""
    for verb in re.findall(r"^  ([a-z]+) ", listed, re.M):
        texts.update(help_texts(command, (*verbs, verb)))
    return texts


def version(command):
    """Names alone: which of them are there, and what stands behind, is the machine's."""
    lines = run(command, "--version").stdout.splitlines()
    names = [re.match(r"  [+-] (\w+) +\S", line)[1] for line in lines[1:]]
    return "\n".join([re.sub(r"\d+", "N", lines[0]), *names]) + "\n"


def json_keys(command, folder):
    runs = {"pack": ["pack", "tree", "out", "--json", "-"],
            "convert": ["convert", "out", "out-2", "--json", "-"],
            "inspect": ["inspect", "out", "--json", "-"],
            "verify": ["verify", "tree", "--json", "-"],
            "feed": ["feed", "tree", "--batch", "2", "--on-error", "skip", "--json", "-"]}
    texts = []
    for verb, arguments in runs.items():
        told = run(command, *arguments, *["--on-error", "skip"] if verb == "pack" else [],
                   cwd=folder)
        try:
            texts += [f"{verb}:", *keys_of(json.loads(told.stdout))]
        except json.JSONDecodeError:
            sys.exit(f"{verb}: no JSON in {told.stdout!r} {told.stderr!r}")
    return "\n".join(texts) + "\n"


def keys_of(value, indent="  "):
    """One line a key, deeper ones behind it; of a list its first member."""
    if isinstance(value, list):
        return keys_of(value[0], indent) if value else []
    if not isinstance(value, dict):
        return []
    lines = []
    for key, inner in value.items():
        free = not re.fullmatch(r"[a-z0-9_]+", key)  # a name from the data, as an image kind
        lines += [indent + ("*" if free else key), *keys_of(inner, indent + "  ")]
    return lines


def exit_codes(command, folder):
    """What ends how; 130 is in end_to_end/interrupts_test.py."""
    (folder / "job.toml").write_text("[batch]\nsiez = 2\n")
    cases = ["--help", "--version", "", "nonsense", "feed", "feed absent", "feed job.toml",
             "inspect absent", "verify absent", "pack absent out2", "feed tree --batch 2",
             "feed tree --batch 2 --on-error skip", "feed tree --batch 0",
             "feed tree --engine nonsense", "pack tree bad", "verify out", "verify tree",
             "bench io out --engine nonsense", "bench io out --engine bounce",
             "bench io out --device cuda:99"]
    lines = []
    for case in cases:
        told = run(command, *case.split(), cwd=folder)
        lines.append(f"{told.returncode:>3}  headrace {case}".rstrip())
    return "\n".join(lines) + "\n"


def write_tree(folder):
    """Three pictures, one of them empty, so that skipped and damaged samples have keys, too."""
    target = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 100, 50)).save(target, "JPEG")
    for number, body in enumerate([target.getvalue(), target.getvalue(), b""]):
        path = folder / f"class-{number % 2}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


if __name__ == "__main__":
    main(sys.argv[1], "--renew" in sys.argv[2:])
