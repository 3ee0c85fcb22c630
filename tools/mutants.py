#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes the stack at random, one small change at a time, and counts how many the suite notices.

What is committed is copied into a scratch folder and built there, so the checkout stays as it is.
The same seed and commit give the same changes: a comparison, a constant, `&&` for `||`, or a
statement that is left out. One that does not compile is not counted.

usage: tools/mutants.py [--count N] [--seed N] [--folder stack/tcp ...] [--unit] [--json FILE]

Prints every change that nobody notices; it may be one that makes no difference. docs/faults.md
tells more. Exit status 0 when all were tried, 3 when the unchanged stack cannot be built or fails.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "build" / "mutants"
FOLDERS = ["stack/tcp", "stack/ip", "stack/dns"]
SUITE_LIMIT_S = 120
BUILD_LIMIT_S = 600

# Each token, and what may take its place.
SWAPS = {" < ": [" <= ", " > "], " <= ": [" < ", " > "], " > ": [" >= ", " < "],
         " >= ": [" > ", " < "], " == ": [" != "], " != ": [" == "], " && ": [" || "],
         " || ": [" && "], " + ": [" - "], " - ": [" + "], "true": ["false"], "false": ["true"]}
TOKEN = re.compile("|".join(re.escape(t) if not t.isalpha() else rf"\b{t}\b" for t in SWAPS))
NUMBER = re.compile(r"(?<![\w.'])\d+(?=u?\b(?!'))")
# A call or an assignment that stands alone on its line.
STATEMENT = re.compile(r"^\s+(?!return\b|break\b|continue\b|using\b|const\b|auto\b|case\b|else\b|"
                       r"static\b|constexpr\b|goto\b)"
                       r"[\w.\->\[\]*]+(\(.*\)| [-+|&^]?= [^;{]*|\+\+);$")
SKIPPED = re.compile(r"^\s*(//|#|\}|namespace\b|template\b|PW_ASSERT|static_assert)")


def code_of(line):
    """The line without its comment and with its strings blanked, at the same columns."""
    line = re.sub(r'"(\\.|[^"\\])*"', lambda m: " " * len(m.group()), line)
    at = line.find("//")
    return line if at < 0 else line[:at]


def mutants_of(path, text):
    """Every change of one source: (path, line, before, after)."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        code = code_of(line)
        if SKIPPED.match(line) or not code.strip():
            continue
        for match in TOKEN.finditer(code):
            for other in SWAPS[match.group()]:
                found.append((path, number, line,
                              line[:match.start()] + other + line[match.end():]))
        for match in NUMBER.finditer(code):
            found.append((path, number, line, line[:match.start()] + str(int(match.group()) + 1)
                          + line[match.end():]))
        if STATEMENT.match(code.rstrip()):
            found.append((path, number, line, re.match(r"\s*", line).group() + ";"))
    return found


def run(words, limit, **more):
    """The exit status; None: it took too long."""
    try:
        return subprocess.run(words, timeout=limit, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False, **more).returncode
    except subprocess.TimeoutExpired:
        return None


def fail(text):
    print(f"mutants.py: {text}", file=sys.stderr)
    sys.exit(3)


class Scratch:
    """A copy of what is committed, and its build."""

    def __init__(self, unit):
        self.source = SCRATCH / "source"
        self.build = SCRATCH / "build"
        self.targets = ["packetwright_cli"]
        self.unit = ["tcp", "ip", "dns"] if unit else []
        self.targets += [f"{name}_test" for name in self.unit]
        self.source.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True,
                                 capture_output=True).stdout
        # -m would make everything new; what did not change keeps the time of its commit.
        subprocess.run(["tar", "-x", "-C", str(self.source)], input=archive, check=True)
        configured = run(["cmake", "-G", "Ninja", "-S", str(self.source), "-B", str(self.build),
                          "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                          "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1",
                          "-DPW_FUZZ=OFF", "-DPW_FAULTS=OFF", "-DPW_WERROR=OFF",
                          f"-DPW_TESTS={'ON' if unit else 'OFF'}"], BUILD_LIMIT_S)
        if configured != 0 or not self.compiles(None):
            fail(f"the stack does not build; try: ninja -C {self.build} {' '.join(self.targets)}")
        if self.is_noticed():
            fail("the suite fails although nothing was changed")

    def compiles(self, limit=BUILD_LIMIT_S):
        return run(["ninja", "-C", str(self.build), *self.targets], limit) == 0

    def is_noticed(self):
        command = self.build / "harness" / "cli" / "packetwright"
        if run([str(command), "run", "--fail-fast", "--strict", "--timeout", "5", "-q",
                "--conformance", str(self.source / "conformance")], SUITE_LIMIT_S,
               cwd=self.source) != 0:
            return True
        return any(run([str(self.build / "stack" / name / f"{name}_test")], SUITE_LIMIT_S,
                       cwd=self.source) != 0 for name in self.unit)

    def judge(self, mutant):
        """"killed", "survived" or "does not compile"."""
        path, number, _, after = mutant
        file = self.source / path
        text = file.read_text(encoding="utf-8")
        lines = text.split("\n")
        lines[number - 1] = after
        try:
            file.write_text("\n".join(lines), encoding="utf-8")
            if not self.compiles():
                return "does not compile"
            return "killed" if self.is_noticed() else "survived"
        finally:
            file.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60, help="how many that compile")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", action="append", help=f"default: {' '.join(FOLDERS)}")
    parser.add_argument("--unit", action="store_true", help="run the unit tests of these, too")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()
    scratch = Scratch(arguments.unit)
    every = []
    for folder in arguments.folder or FOLDERS:
        for file in sorted((scratch.source / folder).glob("*.cc")):
            if not file.stem.endswith("_test"):
                path = file.relative_to(scratch.source).as_posix()
                every += mutants_of(path, file.read_text(encoding="utf-8"))
    random.Random(arguments.seed).shuffle(every)
    tried = []
    for mutant in every:
        if len(tried) == arguments.count:
            break
        outcome = scratch.judge(mutant)
        if outcome == "does not compile":
            continue
        path, number, before, after = mutant
        tried.append({"path": path, "line": number, "before": before.strip(),
                      "after": after.strip(), "killed": outcome == "killed"})
        if outcome == "survived":
            print(f"{path}:{number}: survived\n  - {before.strip()}\n  + {after.strip()}",
                  flush=True)
    killed = sum(one["killed"] for one in tried)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(
            {"seed": arguments.seed, "drawn_from": len(every), "killed": killed,
             "mutants": tried}, indent=1) + "\n", encoding="utf-8")
    print(f"{killed} of {len(tried)} killed ({100 * killed // max(len(tried), 1)} %), drawn from "
          f"{len(every)} by seed {arguments.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
