#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants the named faults of the stack: writes copies of its sources in which each can be chosen.

A fault is an entry of stack/FOLDER/faults.toml: what stands in a source now, and what a wrong stack
would have there. The copies, and only they, have both: `(planted(17) ? (wrong) : (right))` for an
expression, `if (planted(17)) { wrong } else { right }` for a statement. docs/faults.md tells more.

usage: plant_faults.py --check              are the tables in order?
       plant_faults.py --sources            the sources that have faults, one a line
       plant_faults.py --out DIR            write the copies and fault_table.cc below DIR

Exit status 1 and one line per finding when a table is wrong.
"""

import argparse
import csv
import pathlib
import re
import sys
import tomllib
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The order of reports.
FOLDERS = ("tcp", "ip", "icmp", "neighbor", "udp", "dns", "wire", "iface")
KEYS = {"name", "breaks", "what", "file", "right", "wrong"}
OPTIONAL = {"after", "survives"}
NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


class Wrong(Exception):
    """A table that cannot be used; says where and why."""


class Hook:
    """A fault and its place: source[begin:end] is what is right."""

    def __init__(self, fault, place):
        self.number = fault["number"]
        self.fault = fault
        self.begin, self.end = place


def number_of(name):
    """Of the name alone, so that one fault more or less changes the copy of one source."""
    return zlib.crc32(name.encode()) or 1


def tables(root):
    return [root / "stack" / folder / "faults.toml" for folder in FOLDERS
            if (root / "stack" / folder / "faults.toml").is_file()]


def requirements(root):
    ids = set()
    for path in (root / "conformance" / "requirements").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as rows:
            ids.update(row["id"] for row in csv.DictReader(rows))
    return ids


def read_faults(root):
    """All faults in the order of the tables."""
    known = requirements(root)
    faults, names, numbers = [], set(), set()
    for path in tables(root):
        where = path.relative_to(root)
        for fault in tomllib.loads(path.read_text(encoding="utf-8")).get("fault", []):
            name = fault.get("name", "?")
            if lacking := KEYS - fault.keys():
                raise Wrong(f"{where}: {name}: lacks {', '.join(sorted(lacking))}")
            if extra := fault.keys() - KEYS - OPTIONAL:
                raise Wrong(f"{where}: {name}: unknown {', '.join(sorted(extra))}")
            if not NAME.fullmatch(name):
                raise Wrong(f"{where}: {name}: a name is area.behaviour, in small letters")
            if name in names:
                raise Wrong(f"{where}: {name}: there are two of this name")
            names.add(name)
            fault["number"] = number_of(name)
            if fault["number"] in numbers:
                raise Wrong(f"{where}: {name}: another one has its number; call it otherwise")
            numbers.add(fault["number"])
            if not fault["breaks"]:
                raise Wrong(f"{where}: {name}: breaks no requirement")
            for requirement in fault["breaks"]:
                if requirement not in known:
                    raise Wrong(f"{where}: {name}: no such requirement: {requirement}")
            if not fault["what"].endswith("."):
                raise Wrong(f"{where}: {name}: `what` is a sentence")
            if fault["right"] == fault["wrong"]:
                raise Wrong(f"{where}: {name}: nothing is wrong")
            fault["source"] = f"stack/{path.parent.name}/{fault['file']}"
            faults.append(fault)
    return faults


def pattern(code):
    """Matches the code wherever its lines are broken."""
    return re.compile(r"\s+".join(re.escape(word) for word in code.split()))


def place(text, fault):
    """Where the right text stands: once in the file, or the first time behind `after`."""
    begin = 0
    only = fault.get("after", fault["right"])
    if (count := len(pattern(only).findall(text))) != 1:
        raise Wrong(f"{fault['name']}: {count} times in {fault['source']}: {only}"
                    + ("" if "after" in fault else " (name a place that it stands after)"))
    if "after" in fault:
        begin = pattern(only).search(text).start()
    found = pattern(fault["right"]).search(text, begin)
    if found is None:
        raise Wrong(f"{fault['name']}: not in {fault['source']} behind {only}: {fault['right']}")
    return found.span()


def one_line(code):
    return " ".join(code.split())


def with_faults(text, begin, end, hooks):
    """text[begin:end], in which every hook offers what is wrong. Hooks may stand in each other."""
    out, at = [], begin
    chosen = "::packetwright::faulty::planted({}u)".format
    while hooks:
        first, rest = hooks[0], hooks[1:]
        same = [first] + [h for h in rest if (h.begin, h.end) == (first.begin, first.end)]
        inner = [h for h in rest if h not in same and h.end <= first.end]
        hooks = [h for h in rest if h not in same and h not in inner]
        if hooks and hooks[0].begin < first.end:
            raise Wrong(f"{first.fault['name']} and {hooks[0].fault['name']} overlap")
        right = with_faults(text, first.begin, first.end, inner)
        out.append(text[at:first.begin])
        if first.fault["right"].endswith(";"):
            for hook in same:
                wrong = one_line(hook.fault["wrong"])
                out.append(f"if ({chosen(hook.number)}) {{ {wrong} }} else ")
            out.append(f"{{ {right} }}")
        else:
            out.append("(")
            for hook in same:
                out.append(f"{chosen(hook.number)} ? ({one_line(hook.fault['wrong'])}) : ")
            out.append(f"({right}))")
        at = first.end
    out.append(text[at:end])
    return "".join(out)


def planted(root, faults):
    """The text of every source that has faults, with them."""
    by_source = {}
    for fault in faults:
        by_source.setdefault(fault["source"], []).append(fault)
    out = {}
    for source, its in sorted(by_source.items()):
        path = root / source
        if path.suffix != ".cc" or not path.is_file():
            raise Wrong(f"{its[0]['name']}: {source} is no source of the stack")
        text = path.read_text(encoding="utf-8")
        hooks = [Hook(fault, place(text, fault)) for fault in its]
        hooks.sort(key=lambda hook: (hook.begin, -hook.end))  # else in the order of the table
        # Same lines as the source, so that whatever a compiler says of them is found there.
        out[source] = ('#include "harness/targets/faulty/planted.hh"\n'
                       f'#line 1 "{source}"\n' + with_faults(text, 0, len(text), hooks))
    return out


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(faults):
    lines = ["// Made by tools/plant_faults.py.",
             '#include "harness/targets/faulty/fault.hh"', "",
             "namespace packetwright::faulty {", "",
             "std::span<const Fault> fault_table() {",
             "  static constexpr Fault kFaults[] = {"]
    for fault in faults:
        lines.append(f"      {{{fault['number']}u, {literal(fault['name'])}, "
                     f"{literal(' '.join(fault['breaks']))}, {literal(fault['what'])}, "
                     f"{literal(fault['source'])}, {literal(fault.get('survives', ''))}}},")
    return "\n".join(lines + ["  };", "  return kFaults;", "}", "",
                              "}  // namespace packetwright::faulty", ""])


def write_if_changed(path, text):
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="are the tables in order?")
    what.add_argument("--sources", action="store_true", help="the sources that have faults")
    what.add_argument("--out", type=pathlib.Path, metavar="DIR", help="where to write the copies")
    arguments = parser.parse_args()
    try:
        faults = read_faults(arguments.root)
        texts = planted(arguments.root, faults)
    except Wrong as wrong:
        print(f"plant_faults.py: {wrong}", file=sys.stderr)
        return 1
    except tomllib.TOMLDecodeError as wrong:
        print(f"plant_faults.py: a table cannot be read: {wrong}", file=sys.stderr)
        return 1
    if arguments.sources:
        print("\n".join(texts))
    if arguments.out:
        for source, text in texts.items():
            write_if_changed(arguments.out / source, text)
        write_if_changed(arguments.out / "fault_table.cc", table(faults))
    return 0


if __name__ == "__main__":
    sys.exit(main())
