#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces requirements from the catalogue to the stack, its unit tests and the cases of the suite.

rfc_trace.py           writes docs/rfc/coverage.md
rfc_trace.py --check   changes nothing; exit status 1 if that file is out of date

An id that is cited and that the catalogue does not have is an error (exit status 1) either way.
"""

import collections
import csv
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/rfc/coverage.md"
# "RFC9293-MUST-12", "RFC9293-3.10.7.4-seq-ack"; in prose "RFC9293-" ends at a blank or full stop.
ID = re.compile(r"\bRFC\d+-[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]")
TESTABLE = ("wire", "both")
LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")


class Trace:
    """Where an id is named."""

    def __init__(self):
        self.stack, self.tests, self.cases = set(), set(), set()
        self.exception = ""


def tracked(pattern):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
                             pattern], cwd=ROOT, check=True, capture_output=True).stdout
    return sorted(ROOT / name for name in listed.decode().split("\0") if name)


def number_of(path):
    return int(re.search(r"\d+", path.stem).group())


def read_catalogue():
    rows = {}
    for path in sorted(tracked("conformance/requirements/*.csv"), key=number_of):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(line for line in file if not line.startswith("#")):
                rows[row["id"]] = dict(row, rfc=number_of(path))
    return rows


def read_traces(catalogue):
    traces = collections.defaultdict(Trace)
    unknown = []

    def note(path, line, found, where, what):
        if found in catalogue:
            getattr(traces[found], where).add(what)
        else:
            unknown.append(f"{path.relative_to(ROOT)}:{line}: {found}: no such requirement")

    for path in tracked("stack/*.cc") + tracked("stack/*.hh"):
        where = "tests" if re.search(r"_test\b|testing", path.name) else "stack"
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for found in ID.findall(text):
                note(path, line, found, where, str(path.relative_to(ROOT / "stack")))
    for path in tracked("conformance/*.pkt"):
        case = str(path.relative_to(ROOT / "conformance"))[:-len(".pkt")]
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if text.startswith("//: cites"):
                for found in ID.findall(text):
                    note(path, line, found, "cases", case)
    for path in tracked("docs/rfc/exceptions/*.toml"):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["exception"]:
            if entry["requirement"] in catalogue:
                traces[entry["requirement"]].exception = entry["reason"]
            else:
                unknown.append(f"{path.relative_to(ROOT)}: {entry['requirement']}: "
                               "no such requirement")
    return traces, unknown


def share(part, whole):
    return f"{part} of {whole}" if whole else ""


def summary(rows, traces):
    """A line for each level: how many rows a case can judge, and how many one does."""
    lines = ["| level | rows | testable from outside | with a case | named in the stack |",
             "|---|---|---|---|---|"]
    for level in LEVELS + (None,):
        mine = [row for row in rows if level in (None, row["level"])]
        testable = [row for row in mine if row["testable"] in TESTABLE]
        lines.append("| {} | {} | {} | {} | {} |".format(
            level or "all", len(mine), len(testable),
            sum(bool(traces[row["id"]].cases) for row in testable),
            sum(bool(traces[row["id"]].stack) for row in mine)))
    return lines


def by_rfc(groups, traces):
    lines = ["| RFC | rows | testable rows with a case | MUST among them |", "|---|---|---|---|"]
    for rfc, rows in groups.items():
        testable = [row for row in rows if row["testable"] in TESTABLE]
        must = [row for row in testable if row["level"].startswith("MUST")]
        covered = {row["id"] for row in testable if traces[row["id"]].cases}
        must_covered = sum(row["id"] in covered for row in must)
        lines.append(f"| [{rfc}](#rfc-{rfc}) | {len(rows)} | {share(len(covered), len(testable))} "
                     f"| {share(must_covered, len(must))} |")
    return lines


def cell(names, most=3):
    names = sorted(names)
    text = "<br>".join(f"`{name}`" for name in names[:most])
    return text + (f"<br>and {len(names) - most} more" if len(names) > most else "")


def rows_of(rows, traces):
    lines = ["| requirement | level | in `stack/` | unit test | case |", "|---|---|---|---|---|"]
    for row in rows:
        trace = traces[row["id"]]
        cases = cell(trace.cases)
        if not cases and row["testable"] not in TESTABLE:
            cases = {"api": "seen by calls alone", "no": "not to be seen"}[row["testable"]]
        if trace.exception:
            cases += ("<br>" if cases else "") + "exception: " + trace.exception.replace("|", "\\|")
        lines.append(f"| {row['id']} | {row['level']} | {cell(trace.stack)} | "
                     f"{cell(trace.tests)} | {cases} |")
    return lines


def page(catalogue, traces):
    groups = collections.defaultdict(list)
    for row in catalogue.values():
        groups[row["rfc"]].append(row)
    lines = ["<!-- SPDX-License-Identifier: Apache-2.0 -->",
             "<!-- Written by tools/rfc_trace.py. -->",
             "# Which requirement is met where",
             "",
             "Every rule of the catalogue (`conformance/requirements/`), the files of the",
             "stack and the unit tests that name it, and the cases that cite it.",
             "`packetwright explain ID` says what the rule is and who breaks it.",
             "",
             *summary(list(catalogue.values()), traces), "", *by_rfc(groups, traces)]
    for rfc, rows in groups.items():
        lines += ["", f"## RFC {rfc}", "", *rows_of(rows, traces)]
    return "\n".join(lines) + "\n"


def main(words):
    if words not in ([], ["--check"]):
        sys.exit(__doc__)
    catalogue = read_catalogue()
    traces, unknown = read_traces(catalogue)
    for line in unknown:
        print(line)
    text = page(catalogue, traces)
    if words:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print("docs/rfc/coverage.md is out of date; run tools/rfc_trace.py")
            return 1
    else:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
