#!/usr/bin/env python3
"""Refuses what the house style refuses: floors, sizes, opening comments, tests, links, words.

Prints one line a finding, `file:line: what -> what instead`, and exits 1 if there is any.
"""
import os
import pathlib
import re
import subprocess
import sys

# A room includes rooms of lower floors only.
FLOORS = (
    ("base", "shim"), ("memory", "observe", "jpeg", "text", "codec"), ("io", "device", "report"),
    ("storage",), ("formats", "order"), ("ops",), ("kernels", "pipeline"), ("loader",),
    ("pack", "feed", "bench", "doctor", "stage", "curate", "checkpoint", "diagnose",
     "tune", "monitor", "history"),
    ("cli",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
ROOMS = "src/headrace/"
MOST_COLUMNS, MOST_FUNCTION_LINES, MOST_FILE_LINES, MOST_README_LINES = 100, 70, 400, 20
TESTED_ELSEWHERE = ROOMS + "cli/"  # by the programs in tests/, which run the command
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
CODE = {".h", ".cc", ".cu", ".py", ".sh", ".cmake"}
NOT_LIBRARY = ("_test.cc", "_bench.cc", "_fuzz.cc")

# (which files, what is refused there, what to write instead)
WORDS = (
    (r".", "TO" r"DO|FIX" "ME", "a note for later", "do it, or open an issue"),
    (r".", r"(?<![\w.$}/])/(?:wo" r"rk|ro" r"ot|home/\w+)/", "a path of one machine",
     "a path relative to the checkout, or from the environment"),
    (r"^src/headrace/loader/", r"\bshared_ptr\b", "shared_ptr on the batch path",
     "a value or unique_ptr with one owner"),
    (r"^src/headrace/(?!cli/)(?!.*_(test|bench|fuzz)\.cc)", r"\bstd::(?:printf|cout|puts)\b",
     "printing below the command", "return it, or take a stream as an argument"),
    (r"_test\.cc$", r"\bsleep_for\b", "a test that sleeps", "a fake clock or a latch"),
)


def main():
    findings = sorted(find(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    for path, line, what, instead in findings:
        print(f"{path}:{line}: {what} -> {instead}")
    if findings:
        print(f"tidy: {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


def find(root):
    paths = tracked(root)
    for path in paths:
        yield from check_name(path)
        try:
            text = (root / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or removed and not yet committed
        lines = text.splitlines()
        yield from check_words(path, lines)
        if is_code(path):
            yield from check_sizes(path, lines)
        if path.endswith((".h", ".cc")):
            yield from check_floors(path, lines)
            yield from check_functions(path, text)
        yield from check_links(root, path, lines if path.endswith(".md") else [])
    yield from check_tests(paths)
    yield from check_rooms(root, paths)


def tracked(root):
    """What git tracks or would add, so that a new file is checked before its first commit."""
    git = ["git", "-C", str(root), "-c", f"safe.directory={root}"]
    top = subprocess.run([*git, "rev-parse", "--show-toplevel"], capture_output=True, text=True)
    if top.returncode == 0 and pathlib.Path(top.stdout.strip()).resolve() == root:
        listed = subprocess.run([*git, "ls-files", "-z", "-co", "--exclude-standard"], check=True,
                                capture_output=True, text=True).stdout.split("\0")
        return sorted({path for path in listed if path and (root / path).is_file()})
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def is_code(path):
    name = os.path.basename(path)
    return os.path.splitext(name)[1] in CODE or name in ("CMakeLists.txt", "run")


def check_name(path):
    for part in path.split("/"):
        vague = VAGUE_NAMES.intersection(re.split(r"[_.-]", part.lower()))
        if vague:
            yield path, 1, f"'{vague.pop()}' says nothing", "name the file after its one job"


def check_words(path, lines):
    for which, refused, what, instead in WORDS:
        if re.search(which, path):
            for number, line in enumerate(lines, 1):
                if re.search(refused, line):
                    yield path, number, what, instead


def check_sizes(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_COLUMNS:
            yield path, number, f"{len(line)} columns", f"at most {MOST_COLUMNS}"
    if len(lines) > MOST_FILE_LINES:
        yield (path, MOST_FILE_LINES + 1, f"{len(lines)} lines",
               f"at most {MOST_FILE_LINES}: split it by job")
    first = next((line for line in lines if not line.startswith("#!")), "")
    if not first.startswith("//" if path.endswith((".h", ".cc", ".cu")) else ("#", '"""')):
        yield path, 1, "no opening comment", "say in a line or a few what it is"


def check_floors(path, lines):
    room = path[len(ROOMS):].split("/")[0] if path.startswith(ROOMS) else None
    if room and room not in FLOOR_OF:
        yield path, 1, f"room '{room}' has no floor", "give it one in tools/tidy.py"
    for number, line in enumerate(lines if room in FLOOR_OF else [], 1):
        include = re.match(r'#include "headrace/(\w+)/', line)
        if not include or include[1] == room:
            continue
        if FLOOR_OF.get(include[1], len(FLOORS)) >= FLOOR_OF[room]:
            yield (path, number, f"{room} (floor {FLOOR_OF[room]}) includes {include[1]}",
                   "include only rooms of lower floors")


def check_functions(path, text):
    """A body: a brace after a header with a '(', with only namespaces and types around it."""
    code, scopes, header = blank(text), [], 0
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if match[0] == "{" and at and not code[at - 1].isspace():
            scopes.append(("initializer", 0))  # clang-format sets a space before any other brace
            continue
        if match[0] == "{":
            words = code[header:at]
            start = code.count("\n", 0, header + len(words) - len(words.lstrip())) + 1
            outside = all(kind == "scope" for kind, _ in scopes)
            scopes.append((kind_of(words.strip()) if outside else "block", start))
        elif match[0] == "}" and scopes:
            kind, start = scopes.pop()
            if kind == "initializer":
                continue
            count = code.count("\n", 0, at) + 2 - start
            if kind == "function" and count > MOST_FUNCTION_LINES:
                yield (path, start, f"a function of {count} lines",
                       f"at most {MOST_FUNCTION_LINES}: give its parts names")
        header = at + 1


def kind_of(words):
    if re.match(r"(inline )?namespace\b|extern\b\s*\S*$", words):
        return "scope"
    if re.search(r"\b(class|struct|union|enum)\b", words) and not words.endswith(")"):
        return "scope"
    return "function" if re.search(r"\)[^()=]*$", words) else "block"


def blank(text):
    """The text with comments, strings, characters and macros as spaces; lines stay in place."""
    token = (r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
             r"|(?<!\w)'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\n|[^\n])*")
    return re.sub(token, lambda match: re.sub(r"[^\n]", " ", match[0]), text,
                  flags=re.DOTALL | re.MULTILINE)


def check_links(root, path, lines):
    fenced = False
    for number, line in enumerate(lines, 1):
        fenced ^= line.lstrip().startswith("```")
        line = "" if fenced else re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            file = target.split("#")[0]
            if re.match(r"[a-z]+:", target) or not file:
                continue
            if not (root / path).parent.joinpath(file).exists():
                yield path, number, f"the link to {target} leads nowhere", "a file that is there"


def check_tests(paths):
    known = set(paths)
    for path in paths:
        source = path.startswith(ROOMS) and path.endswith(".cc")
        if source and not path.endswith(NOT_LIBRARY) and not path.startswith(TESTED_ELSEWHERE):
            test = path.removesuffix(".cc") + "_test.cc"
            if test not in known:
                yield path, 1, "no test beside it", f"write {os.path.basename(test)}"


def check_rooms(root, paths):
    rooms = {path.split("/")[2] for path in paths if re.match(ROOMS + r"\w+/", path)}
    for readme in (f"{ROOMS}{room}/README.md" for room in rooms):
        if readme not in paths:
            yield readme, 1, "a room without a README", "its job, its headers, what to read first"
        elif len((root / readme).read_text().splitlines()) > MOST_README_LINES:
            yield readme, MOST_README_LINES + 1, "too long", f"at most {MOST_README_LINES} lines"


if __name__ == "__main__":
    sys.exit(main())
