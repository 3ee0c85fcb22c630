#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows what plant_faults.py makes of a source, and that each of its complaints can come."""

import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import plant_faults  # noqa: E402

CATALOGUE = "id,section,level,rule\nRFC1-a,1,MUST,A rule.\n"
SOURCE = "int f(int a) {\n  if (a < 3) return 1;\n  return g(a,\n           3);\n}\n"


def entry(**changes):
    fault = {"name": "tcp.f.one", "breaks": ["RFC1-a"], "what": "It is wrong.", "file": "f.cc",
             "right": "a < 3", "wrong": "a <= 3", **changes}
    return "[[fault]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in fault.items()
                                   if value is not None)


class PlantFaultsTest(unittest.TestCase):
    def read(self, table, source=SOURCE):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {"conformance/requirements/rfc1.csv": CATALOGUE,
                               "stack/tcp/f.cc": source, "stack/tcp/faults.toml": table}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            faults = plant_faults.read_faults(root)
            return faults, plant_faults.planted(root, faults)

    def code(self, table, source=SOURCE):
        """What becomes of the source, behind the lines that are put in front."""
        text = self.read(table, source)[1]["stack/tcp/f.cc"]
        front, code = text.split('#line 1 "stack/tcp/f.cc"\n')
        self.assertEqual('#include "harness/targets/faulty/planted.hh"\n', front)
        code = code.replace("::packetwright::faulty::", "")
        for number, name in enumerate(("tcp.f.one", "tcp.f.two"), start=1):
            code = code.replace(f"planted({plant_faults.number_of(name)}u)", f"planted({number})")
        return code

    def assert_wrong(self, expected, table, source=SOURCE):
        with self.assertRaises(plant_faults.Wrong) as caught:
            self.read(table, source)
        self.assertIn(expected, str(caught.exception))

    def test_expression(self):
        self.assertIn("if ((planted(1) ? (a <= 3) : (a < 3))) return 1;", self.code(entry()))

    def test_statement(self):
        code = self.code(entry(right="return 1;", wrong="return 2;"))
        self.assertIn("if (a < 3) if (planted(1)) { return 2; } else { return 1; }\n", code)

    def test_lines_stay_what_they_are(self):
        code = self.code(entry(right="return g(a, 3);", wrong="return g(a,\n  4);"))
        self.assertEqual(SOURCE.count("\n"), code.count("\n"))
        self.assertIn("{ return g(a, 4); } else { return g(a,\n           3); }", code)

    def test_two_in_one_place(self):
        code = self.code(entry() + entry(name="tcp.f.two", wrong="true"))
        self.assertIn("(planted(1) ? (a <= 3) : planted(2) ? (true) : (a < 3))", code)

    def test_one_in_another(self):
        code = self.code(entry(right="if (a < 3) return 1;", wrong=";") +
                         entry(name="tcp.f.two"))
        self.assertIn("if (planted(1)) { ; } else "
                      "{ if ((planted(2) ? (a <= 3) : (a < 3))) return 1; }", code)

    def test_behind_a_place(self):
        code = self.code(entry(right="3", wrong="4", after="return g"))
        self.assertIn("           (planted(1) ? (4) : (3)));", code)

    def test_numbers_and_table(self):
        faults, _ = self.read(entry(survives="Nobody can see it.") + entry(name="tcp.f.two"))
        table = plant_faults.table(faults)
        one, two = (plant_faults.number_of(f"tcp.f.{n}") for n in ("one", "two"))
        self.assertIn(f'{{{one}u, "tcp.f.one", "RFC1-a", "It is wrong.", "stack/tcp/f.cc", '
                      f'"Nobody can see it."}},', table)
        self.assertIn(f'{{{two}u, "tcp.f.two", "RFC1-a", "It is wrong.", "stack/tcp/f.cc", '
                      '""},', table)

    def test_complaints(self):
        self.assert_wrong("0 times in stack/tcp/f.cc", entry(right="a > 3"))
        self.assert_wrong("2 times in stack/tcp/f.cc", entry(right="3"))
        self.assert_wrong("0 times in stack/tcp/f.cc: nowhere", entry(after="nowhere"))
        self.assert_wrong("not in stack/tcp/f.cc behind return g", entry(after="return g"))
        self.assert_wrong("no such requirement: RFC1-b", entry(breaks=["RFC1-b"]))
        self.assert_wrong("breaks no requirement", entry(breaks=[]))
        self.assert_wrong("two of this name", entry() + entry())
        self.assert_wrong("lacks what", entry(what=None))
        self.assert_wrong("unknown why", entry(why="x"))
        self.assert_wrong("a name is area.behaviour", entry(name="one"))
        self.assert_wrong("`what` is a sentence", entry(what="wrong"))
        self.assert_wrong("nothing is wrong", entry(wrong="a < 3"))
        self.assert_wrong("is no source of the stack", entry(file="g.cc"))
        self.assert_wrong("overlap", entry(right="int a) { if", wrong="x") +
                          entry(name="tcp.f.two", right="if (a < 3)", wrong="y"))


class TablesTest(unittest.TestCase):
    def test_every_fault_has_its_place(self):
        faults = plant_faults.read_faults(plant_faults.ROOT)
        plant_faults.planted(plant_faults.ROOT, faults)
        self.assertGreaterEqual(len(faults), 250)


if __name__ == "__main__":
    unittest.main()
