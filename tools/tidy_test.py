#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that every rule of tidy.py can fail, each on a checkout made for it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tidy  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CATALOGUE = ("id,section,level,keyword,testable,condition,area,rule\n"
             "RFC9293-MUST-1,3,MUST,capital,wire,,tcp,A rule.\n")


class TidyTest(unittest.TestCase):
    def findings(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            subprocess.run(["git", "init", "-q", folder], check=True)
            for name, text in {"conformance/requirements/rfc9293.csv": CATALOGUE, **files}.items():
                file = root / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return tidy.check(root)

    def assert_finds(self, expected, name, text):
        lines = self.findings({name: text})
        self.assertTrue(any(expected in line for line in lines), lines)

    def test_clean_tree(self):
        self.assertEqual([], self.findings({"stack/base/a.hh": SPDX + "#pragma once\n"}))

    def test_licence(self):
        self.assert_finds("no SPDX line", "stack/base/a.cc", "int x;\n")

    def test_ascii(self):
        self.assert_finds("not ASCII", "stack/base/a.cc", SPDX + "// \u2026\n")

    def test_columns(self):
        self.assert_finds("columns", "stack/base/a.cc", SPDX + "//" + "x" * 100 + "\n")

    def test_lines(self):
        self.assert_finds("over 1000 lines", "stack/base/a.cc", SPDX + "\n" * 1001)

    def test_unfinished(self):
        self.assert_finds("unfinished", "stack/base/a.cc", SPDX + "// TO" + "DO: more\n")

    def test_include_guard(self):
        self.assert_finds("#pragma once", "stack/base/a.hh", SPDX)

    def test_clock(self):
        for word in ("std::chrono::steady_clock::now()", "std::random_device d;", "usleep(1);",
                     "std::getenv(\"X\")", "std::thread t;"):
            self.assert_finds("is banned here", "stack/tcp/a.cc", SPDX + word + "\n")

    def test_long_lines(self):
        for name in ("stack/tcp/a.cc", "stack/tcp/CMakeLists.txt", "tools/a.sh"):
            self.assert_finds("longer than 100", name, SPDX + "x" * 101 + "\n")

    def test_clock_in_a_comment_is_fine(self):
        text = SPDX + "// never a steady_clock\n"
        self.assertEqual([], self.findings({"stack/tcp/a.cc": text}))

    def test_floating_point(self):
        self.assert_finds("floating point", "stack/tcp/a.cc", SPDX + "double x;\n")

    def test_direction_of_dependencies(self):
        self.assert_finds("must not include from stack/ip", "stack/tcp/a.cc",
                          SPDX + '#include "stack/ip/a.hh"\n')
        self.assert_finds("stack/ must not know harness/engine", "stack/tcp/a.cc",
                          SPDX + '#include "harness/engine/a.hh"\n')
        self.assert_finds("must not know a concrete target", "harness/engine/a.cc",
                          SPDX + '#include "harness/targets/linux/a.hh"\n')

    def test_citation(self):
        self.assert_finds("RFC9293-MUST-99 is not in", "stack/tcp/a.cc",
                          SPDX + "//= RFC9293-MUST-99\n")
        self.assertEqual([], self.findings({"stack/tcp/a.cc": SPDX + "//= RFC9293-MUST-1\n"}))

    def test_case(self):
        self.assert_finds("no title", "conformance/tcp/a.pkt", "//: cites RFC9293-MUST-1\n")
        self.assert_finds("cites nothing", "conformance/tcp/a.pkt", "// A title.\n")
        self.assert_finds("not a slug", "conformance/tcp/A-1.pkt", "// A title.\n")

    def test_catalogue(self):
        name = "conformance/requirements/rfc1.csv"
        head = "id,section,level,keyword,testable,condition,area,rule\n"
        self.assert_finds("twice", name, head + "RFC1-a,1,MUST,,,,,r\nRFC1-a,1,MUST,,,,,r\n")
        self.assert_finds("does not belong", name, head + "RFC2-a,1,MUST,,,,,r\n")
        self.assert_finds("no level", name, head + "RFC1-a,1,OUGHT,,,,,r\n")

    def test_map_of_tcp(self):
        files = {"stack/tcp/README.md": "| 3.10 | `here.cc` | `there` |\n",
                 "stack/tcp/other.cc": SPDX}
        lines = self.findings(files)
        self.assertTrue(any("there is no file here.cc" in line for line in lines), lines)
        self.assertTrue(any("nothing is called there" in line for line in lines), lines)


if __name__ == "__main__":
    unittest.main()
