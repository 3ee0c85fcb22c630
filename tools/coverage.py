#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much of stack/ its unit tests and the conformance suite reach.

Runs both in a build of the preset `coverage`, and prints lines and branches of each folder. Named
files are shown as well, with the count of each line and the branches that were never taken. Exit
status 1 if a test fails or the total is below a limit, 2 if a file is not there.

usage: tools/coverage.py BUILD_DIRECTORY [FILE...]
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMITS = {"lines": 95.0, "branches": 88.0}
SUITE = ["harness/cli/packetwright", "run", "--target", "reference", "--isolate", "none",
         "--color", "never"]


def run(command, profile, log):
    """Runs one program; its counters go to `profile`, what it prints to `log`."""
    with open(log, "wb") as out:
        status = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                                check=False, env={"LLVM_PROFILE_FILE": str(profile)}).returncode
    if status != 0:
        print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]))
        print(f"coverage: `{command[0]}` fails (status {status})")
        sys.exit(1)


def programs_and_counters(build):
    """Runs everything; returns the programs and the merged counters."""
    scratch = build / "counters"
    scratch.mkdir(exist_ok=True)
    tests = sorted(p for p in (build / "stack").glob("*/*_test") if p.is_file())
    if not tests:
        print(f"coverage: no tests in {build}/stack; ./pw coverage builds them")
        sys.exit(1)
    profiles = []
    for test in tests:
        profiles.append(scratch / f"{test.name}.profraw")
        run([str(test), "--gtest_brief=1"], profiles[-1], scratch / f"{test.name}.log")
    profiles.append(scratch / "suite.profraw")
    run([str(build / SUITE[0]), *SUITE[1:]], profiles[-1], scratch / "suite.log")
    merged = scratch / "all.profdata"
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", "-o", merged, *profiles], check=True)
    return [*tests, build / SUITE[0]], merged


def llvm_cov(verb, programs, counters, *arguments):
    objects = [word for program in programs[1:] for word in ("-object", str(program))]
    return subprocess.run(["llvm-cov-19", verb, str(programs[0]), *objects,
                           f"-instr-profile={counters}", *arguments],
                          cwd=ROOT, check=True, capture_output=True, text=True).stdout


def stack_source(name):
    """A file of the stack itself as "stack/FOLDER/FILE"; None: a test, what tests share, or others.

    What stands before that depends on how the compiler was called; a compiler cache calls it in
    its own way.
    """
    found = re.search(r"(?:^|/)(stack/\w+/\w+\.(?:cc|hh))$", name)
    if not found or not (ROOT / found[1]).is_file():
        return None
    return None if re.search(r"(_test(_\w+)?|/test_\w+)\.(cc|hh)$", name) else found[1]


def folders(export):
    """{folder: {"lines": [covered, all], "branches": [covered, all]}}, the total as "stack"."""
    table = {}
    for file in json.loads(export)["data"][0]["files"]:
        name = stack_source(file["filename"])
        if name is None:
            continue
        for folder in ("/".join(name.split("/")[:2]), "stack"):
            row = table.setdefault(folder, {kind: [0, 0] for kind in LIMITS})
            for kind, sums in row.items():
                sums[0] += file["summary"][kind]["covered"]
                sums[1] += file["summary"][kind]["count"]
    return table


def percent(sums):
    return 100.0 * sums[0] / sums[1] if sums[1] else 100.0


def print_table(table):
    """Prints the folders and the total; returns what is below its limit."""
    print(f"{'folder':16} {'lines':>16} {'branches':>20}")
    for folder in sorted(table, key=lambda name: (name == "stack", name)):
        cells = [f"{sums[0]:6}/{sums[1]:<6} {percent(sums):5.1f} %"
                 for sums in table[folder].values()]
        print(f"{folder:16} {cells[0]} {cells[1]}")
    return [f"{percent(table['stack'][kind]):.1f} % of {kind}, and not {limit:g} %"
            for kind, limit in LIMITS.items() if percent(table["stack"][kind]) < limit]


def source(name):
    """The file of that name, from here or from the top of the checkout."""
    for path in (pathlib.Path(name), ROOT / name):
        if path.is_file():
            return path.resolve()
    print(f"coverage: there is no file {name}")
    sys.exit(2)


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip().splitlines()[-1])
        return 2
    sources = [source(name) for name in arguments[1:]]
    programs, counters = programs_and_counters(pathlib.Path(arguments[0]).resolve())
    short = print_table(folders(llvm_cov("export", programs, counters, "-summary-only")))
    for path in sources:
        shown = llvm_cov("show", programs, counters, "-show-branches=count", str(path))
        print(shown or f"coverage: nothing of {path} can be run")
    for finding in short:
        print(f"coverage: {finding}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
