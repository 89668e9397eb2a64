#!/usr/bin/env python3
"""Each rule of tidy.py: what it refuses, with the line, and what it lets through."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import tidy  # noqa: E402

BODY = "// What it is.\n"


def findings(files):
    """What tidy says of a tree that holds these files, as `file:line: what`."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        found = sorted(tidy.find(root.resolve()))
        return [f"{path}:{line}: {what}" for path, line, what, _ in found]


def room(name, **files):
    tree = {f"src/headrace/{name}/README.md": "# a room\n"}
    for file, text in files.items():
        tree[f"src/headrace/{name}/{file.replace('__', '.')}"] = text
    return tree


class Tidy(unittest.TestCase):
    def expect(self, files, *expected):
        self.assertEqual(findings(files), list(expected))

    def test_a_clean_tree_has_no_finding(self):
        self.expect(room("io", ring__cc=BODY + '#include "headrace/memory/arena.h"\n',
                         ring_test__cc=BODY, ring__h=BODY))

    def test_a_room_includes_no_higher_floor_and_no_other_room_of_its_own(self):
        text = BODY + '#include "headrace/loader/loader.h"\n#include "headrace/order/order.h"\n'
        self.expect(room("formats", tar__h=text),
                    "src/headrace/formats/tar.h:2: formats (floor 4) includes loader",
                    "src/headrace/formats/tar.h:3: formats (floor 4) includes order")

    def test_a_listed_pair_on_one_floor_is_let_through(self):
        self.expect(room("feed", feed__h=BODY + '#include "headrace/report/html.h"\n'))

    def test_an_unknown_room_is_told_on_both_sides_of_an_include(self):
        self.expect(room("cellar", wine__h=BODY),
                    "src/headrace/cellar/wine.h:1: room 'cellar' has no floor")
        self.expect(room("cli", a__h=BODY + '#include "headrace/cellar/wine.h"\n'),
                    "src/headrace/cli/a.h:2: cli (floor 9) includes cellar")

    def test_columns_are_characters_and_not_bytes(self):
        self.expect({"a.py": '"""é."""\n' + "#" * 100 + "\n#" + "é" * 99 + "\n" + "#" * 101 + "\n"},
                    "a.py:4: 101 columns")

    def test_a_long_file_is_refused(self):
        self.expect({"a.sh": "#!/bin/sh\n# What.\n" + ":\n" * 399}, "a.sh:401: 401 lines")

    def test_a_file_says_what_it_is(self):
        self.expect({"a.h": "#pragma once\n", "b.py": "#!/usr/bin/python3\nimport os\n",
                     "CMakeLists.txt": "project(x)\n", "run": "#!/bin/sh\n# Good.\n"},
                    "CMakeLists.txt:1: no opening comment", "a.h:1: no opening comment",
                    "b.py:1: no opening comment")

    def test_a_long_function_is_told_at_its_first_line(self):
        long = "int f(int a,\n      int b) {\n" + "  g();\n" * 68 + "}\n"
        self.expect({"a.h": BODY + "namespace x {\nstruct Y {\n" + long + "};\n}\n"},
                    "a.h:4: a function of 71 lines")
        self.expect({"a.h": BODY + "namespace x {\n" + long.replace("  g();\n", "", 1) + "}\n"})

    def test_a_constructor_with_brace_initializers_is_one_function(self):
        text = "Y::Y(int a) : a_{a}, b_{{1}, 2} {\n" + "  g();\n" * 70 + "}\n"
        self.expect({"a.h": BODY + text}, "a.h:2: a function of 72 lines")

    def test_types_tables_and_text_are_no_functions(self):
        table = "const T k_table[] = {\n" + "  {1},\n" * 80 + "};\n"
        type_ = "struct alignas(64) Y {\n" + "  int a;\n" * 80 + "};\n"
        text = 'const char* f(int) {\n  return R"(' + "{\n" * 30 + ')";  // {\n}\nint a;\n' * 2
        self.expect({"a.h": BODY + table + type_ + text + "#define A {\n" + "int b = '{';\n" * 71})

    def test_a_source_has_its_test_beside_it(self):
        self.expect(room("io", a__cc=BODY, b_bench__cc=BODY, c_fuzz__cc=BODY),
                    "src/headrace/io/a.cc:1: no test beside it")
        self.expect(room("cli", main__cc=BODY))

    def test_links_of_pages_lead_somewhere(self):
        page = ("[a](b.md) [c](https://x.y/z) [d](#here) `[e](f)`\n```\n[g](h)\n```\n"
                "[i](gone.md#part)\n")
        self.expect({"a.md": page, "b.md": ""}, "a.md:5: the link to gone.md#part leads nowhere")

    def test_words_are_refused_where_they_do_harm(self):
        slow = BODY + "sleep_for(1s);\n"
        self.expect(room("loader", a__h=BODY + "std::shared_ptr<int> a;\n", b_test__cc=slow),
                    "src/headrace/loader/a.h:2: shared_ptr on the batch path",
                    "src/headrace/loader/b_test.cc:2: a test that sleeps")
        self.expect(room("pack", a__h=BODY + "std::shared_ptr<int> a;\n",
                         b_test__cc=BODY + "std::cout;\n", c__h=BODY + "std::cout << 1;\n"),
                    "src/headrace/pack/c.h:2: printing below the command")
        self.expect(room("cli", c__h=BODY + "std::cout << 1;\n"))

    def test_notes_for_later_and_paths_of_one_machine_are_refused(self):
        self.expect({"a.sh": "# What.\n# TO" "DO: more\n", "b.md": "see /wo" "rk/shared\n",
                     "c.md": "docs/wo" "rk/plan, $HOME/ro" "ot/x, ${HOME:-/ro" "ot}/x\n"},
                    "a.sh:2: a note for later", "b.md:1: a path of one machine")

    def test_a_room_has_a_short_readme(self):
        self.expect({"src/headrace/io/a.h": BODY},
                    "src/headrace/io/README.md:1: a room without a README")
        self.expect({"src/headrace/io/README.md": "a\n" * 21},
                    "src/headrace/io/README.md:21: too long")

    def test_a_name_says_what_a_file_is_for(self):
        self.expect({"a/string_utils.md": ""}, "a/string_utils.md:1: 'utils' says nothing")
        self.expect({"a/commonly.md": ""})

    def test_pictures_are_passed_over(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "a.png").write_bytes(b"\x89PNG\xff\xfe")
            self.assertEqual(list(tidy.find(pathlib.Path(folder).resolve())), [])


if __name__ == "__main__":
    unittest.main()
