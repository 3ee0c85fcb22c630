#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House style as a test: what clang-format and the compilers cannot see.

Each rule names what to write instead. Run without arguments from anywhere; exit status 1 and one
line per finding when something is out of style. tidy_test.py shows that each rule can fail.
"""

import csv
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP = {".cc", ".hh", ".h"}
TEXT = CPP | {".py", ".sh", ".cmake", ".pkt", ".md", ".toml", ".txt", ".json", ".csv"}
MAX_COLUMNS = 100
MAX_LINES = 1000

# Which folders a folder may include from. Tests may include more (see TEST_MAY_INCLUDE).
WIRE = {"stack/base", "stack/wire"}
MAY_INCLUDE = {
    "stack/base": set(),
    "stack/wire": {"stack/base"},
    "stack/neighbor": WIRE,
    "stack/ip": WIRE | {"stack/neighbor"},
    "stack/icmp": WIRE | {"stack/ip"},
    "stack/udp": WIRE | {"stack/ip"},
    "stack/tcp": WIRE,
    "stack/dns": WIRE,
    "stack/iface": WIRE | {f"stack/{x}" for x in ("neighbor", "ip", "icmp", "udp", "tcp", "dns")},
    "harness/script": WIRE,
    "harness/packet": WIRE | {"harness/script"},
    "harness/capture": WIRE,
    "harness/import": WIRE | {"harness/capture", "harness/packet", "harness/script"},
    "harness/sim": WIRE | {"stack/iface", "stack/tcp", "harness/targets"},
    "harness/targets": {"stack/base"},
    "harness/model": {"stack/base"},
    "harness/engine": WIRE | {"harness/script", "harness/packet", "harness/targets"},
    "harness/sweep": WIRE | {"harness/model", "harness/script", "harness/packet", "harness/engine",
                             "harness/targets"},
    "harness/contract": WIRE | {"harness/script", "harness/engine", "harness/targets"},
    "harness/runner": WIRE | {"harness/script", "harness/packet", "harness/engine",
                              "harness/targets"},
    "harness/report": WIRE | {"harness/capture", "harness/script", "harness/engine",
                              "harness/runner"},
}

DETERMINISTIC = ("stack/", "harness/script/", "harness/packet/", "harness/engine/", "harness/sim/",
                 "harness/import/", "harness/model/", "harness/sweep/", "fuzz/")
BANNED = [
    (r"\b(steady|system|high_resolution|utc)_clock\b", "an Instant passed in"),
    (r"\b(gettimeofday|clock_gettime|time)\s*\(\s*(nullptr|NULL|&|CLOCK)", "an Instant passed in"),
    (r"\brandom_device\b|\bmt19937|\b\w+_distribution\b|\bstd::rand\b|\bsrand\b|\brand\(\)",
     "base::Rng, passed in"),
    (r"\bsleep_for\b|\busleep\b|\bnanosleep\b|\bsleep_until\b", "a deadline given to the caller"),
    (r"\bgetenv\b", "a field of the configuration"),
    (r"\bstd::(jthread|thread|async|mutex)\b", "a state machine that its owner drives"),
]
NO_FLOAT = ("stack/", "harness/engine/", "harness/sim/", "harness/model/", "harness/sweep/")


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, path, line, text):
        self.lines.append(f"{path}:{line}: {text}")


def tracked(root):
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=root, check=True, capture_output=True).stdout
    return sorted(p for p in out.decode().split("\0") if p and (root / p).is_file())


def folder_of(path):
    return "/".join(path.split("/")[:2])


def check_header(path, lines, found):
    """Every source says its licence; Scapy subclasses say theirs."""
    if pathlib.PurePath(path).suffix in CPP | {".py", ".sh", ".cmake"} or path.endswith(
            "CMakeLists.txt"):
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:3]):
            found.add(path, 1, "no SPDX line; write `SPDX-License-Identifier: Apache-2.0`")


def check_text(path, lines, found):
    suffix = pathlib.PurePath(path).suffix
    if "/approved/" in path:  # what a program prints
        return
    for number, line in enumerate(lines, 1):
        if not line.isascii() and suffix != ".md":
            found.add(path, number, "not ASCII; write it in ASCII")
        if line != line.rstrip() and suffix != ".md":
            found.add(path, number, "blanks at the end of the line; remove them")
        code = suffix in CPP | {".py", ".sh", ".cmake"} or path.endswith("CMakeLists.txt")
        if code and len(line) > MAX_COLUMNS:
            found.add(path, number, f"longer than {MAX_COLUMNS} columns; break it")
        # TAP says TODO of a test that is known to fail.
        if re.search(r"\b(TODO|FIXME|XXX)\b", line) and not re.match(r"tools/tidy|.*/tap", path):
            found.add(path, number, "unfinished work; finish it, or say in docs what is missing")
    if suffix in CPP and len(lines) > MAX_LINES:
        found.add(path, len(lines), f"over {MAX_LINES} lines; give each idea a file")


def strip_comments(line):
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return line.split("//")[0]


def check_code(path, lines, found):
    if pathlib.PurePath(path).suffix not in CPP:
        return
    if path.endswith(".hh") and not any(line.strip() == "#pragma once" for line in lines):
        found.add(path, 1, "no include guard; write `#pragma once`")
    for number, line in enumerate(lines, 1):
        code = strip_comments(line)
        if path.startswith(DETERMINISTIC):
            for pattern, instead in BANNED:
                match = re.search(pattern, code)
                if match:
                    found.add(path, number, f"`{match.group(0)}` is banned here; use {instead}")
        if path.startswith(NO_FLOAT) and re.search(r"\b(float|double)\b", code):
            found.add(path, number, "floating point is banned here; use integers with a unit")
        if path.endswith(".hh") and re.match(r"\s*using namespace (?!std::chrono_literals|"
                                             r"std::literals)", code):
            found.add(path, number, "`using namespace` in a header; qualify the names")
        include = re.match(r'#include "([^"]+)"', line)
        if include:
            check_include(path, number, include.group(1), found)


def check_include(path, number, included, found):
    """Dependencies point one way."""
    folder, other = folder_of(path), folder_of(included)
    if folder not in MAY_INCLUDE or folder == other:
        return
    test = path.endswith("_test.cc") or "_test_" in path
    if folder.startswith("stack/") and not other.startswith("stack/"):
        found.add(path, number, f"stack/ must not know {other}")
    elif folder == "harness/targets":
        inner = path.split("/")[2]  # harness/targets/reference/..., or a file of the interface
        if "/" in path[len("harness/targets/"):] and inner in (
                "reference", "linux", "drivers", "packetdrill_so", "plugin", "agent", "uml", "lwip",
                "isolation", "wire_host", "resolver", "cares"):
            return
        if path in ("harness/targets/registry.cc",) or test:
            return
        if other not in MAY_INCLUDE[folder]:
            found.add(path, number, f"the target interface must not know {other}")
    elif not test and other not in MAY_INCLUDE[folder]:
        found.add(path, number, f"{folder} must not include from {other}")
    elif (folder in ("harness/engine", "harness/runner") and not test
          and re.match(r"harness/targets/(?!isolation/)[^/]+/", included)):
        found.add(path, number, f"{folder} must not know a concrete target")


def catalogue(root, found):
    """id -> row of conformance/requirements/."""
    rows = {}
    for file in sorted((root / "conformance/requirements").glob("*.csv")):
        name = file.relative_to(root).as_posix()
        with file.open(newline="", encoding="utf-8") as stream:
            for number, row in enumerate(csv.DictReader(stream), 2):
                ident = row.get("id") or ""
                if ident in rows:
                    found.add(name, number, f"{ident} is in the catalogue twice; keep one")
                if not ident.lower().startswith(file.stem + "-"):
                    found.add(name, number, f"{ident} does not belong in this file")
                if row.get("level") not in ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"):
                    found.add(name, number, f"{ident} has no level of RFC 2119")
                rows[ident] = row
    return rows


def check_citations(path, lines, ids, found):
    """A cited requirement exists."""
    if path.startswith(("tools/tidy", "docs/", "harness/script", "harness/runner", "corpus/")):
        return
    suffix = pathlib.PurePath(path).suffix
    for number, line in enumerate(lines, 1):
        cited = []
        if suffix in CPP:
            match = re.match(r"\s*//= ?(.*)$", line)
            if match:
                cited = re.split(r"[,\s]+", match.group(1).strip())
        elif suffix == ".pkt":
            match = re.match(r"//:\s*cites\s+(.*)$", line)
            if match:
                cited = re.split(r"[,\s]+", match.group(1).strip())
        for ident in cited:
            if ident and ident not in ids:
                found.add(path, number, f"{ident} is not in conformance/requirements/")


def check_case(path, lines, found):
    """A case has prose first and cites what it tests."""
    if not (path.startswith("conformance/") and path.endswith(".pkt")):
        return
    name = pathlib.PurePath(path).stem
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name):
        found.add(path, 1, "the name is not a slug; write words_joined_by_underscores")
    if not lines or not re.match(r"// [A-Z`<]", lines[0]):
        found.add(path, 1, "no title; begin with a sentence in a `//` comment")
    if path.startswith("conformance/preludes/"):
        return
    if not any(line.startswith("//: cites ") for line in lines) and name != "sanity":
        found.add(path, 1, "cites nothing; add `//: cites RFCnnnn-...`")


def check_tcp_readme(root, found):
    """stack/tcp/README.md is the map of the folder: what it names exists."""
    readme = root / "stack/tcp/README.md"
    if not readme.exists():
        return
    sources = "\n".join(p.read_text(encoding="utf-8")
                        for p in sorted((root / "stack/tcp").glob("*.[ch][ch]")))
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("|"):
            continue
        for name in re.findall(r"`([a-z0-9_./]+)`", line):
            if name.endswith((".hh", ".cc")):
                if not (root / "stack/tcp" / name).exists():
                    found.add("stack/tcp/README.md", number, f"there is no file {name}")
            elif re.fullmatch(r"[a-z0-9_]+", name) and not re.search(rf"\b{name}\b", sources):
                found.add("stack/tcp/README.md", number, f"nothing is called {name}")


def check(root):
    found = Findings()
    ids = catalogue(root, found)
    for path in tracked(root):
        if path.startswith(("corpus/", "LICENSE")):
            continue
        if pathlib.PurePath(path).suffix not in TEXT:
            continue
        lines = (root / path).read_text(encoding="utf-8").split("\n")
        check_header(path, lines, found)
        check_text(path, lines, found)
        check_code(path, lines, found)
        check_citations(path, lines, ids, found)
        check_case(path, lines, found)
    check_tcp_readme(root, found)
    return found.lines


def main():
    lines = check(ROOT)
    for line in lines:
        print(line)
    print(f"tidy: {len(lines)} findings" if lines else "tidy: clean")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
