#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs google/packetdrill's own suite with packetdrill and with packetwright, and compares.

The suite, its runner and packetdrill itself stay where they are: the checkout is named on the
command line. The command lines are those that the suite's runner makes; packetwright gets the same
arguments (`packetwright packetdrill ARGS... FILE`), so a row is one script in one IP version.
With --jobs, packetwright runs the whole suite at once instead, an IP version after the other
(`packetwright run --target linux-tun -j N`): each script as its own options ask, those of the
suite's runner only where it says nothing. packetdrill needs root. Exit status: 0 all rows agree
that packetdrill judges alike in all its rounds, 1 some do not, 2 usage.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

LIMIT_S = 180  # as long as the suite's runner waits for one script


def suite_rows(checkout, pattern):
    """(name, folder, arguments) of every script and IP version, as the suite's runner has them."""
    nets = checkout / "gtests" / "net"
    spec = importlib.util.spec_from_file_location("run_all", nets / "packetdrill" / "run_all.py")
    runner = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(runner)
    everything = {"ipv4": True, "ipv6": True, "ipv4mappedv6": True, "verbose": 0}
    suite = runner.TestSet(everything)
    rows = []
    for command, folder, path, variant, _ in suite.CmdsTests(suite.FindTests(str(nets))):
        name = f"{pathlib.Path(path).relative_to(nets)} {variant}"
        if re.search(pattern, name):
            rows.append((name, folder, command[2:]))
    return rows


def run(command, folder):
    """One run: its verdict, what it said, how long it took, and how long the processors."""
    start, cpu = time.monotonic(), cpu_seconds()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", start_new_session=True)
    try:
        said, _ = process.communicate(timeout=LIMIT_S)
        verdict = "pass" if process.returncode == 0 else "fail"
        if "unsupported:" in said:
            verdict = "unsupported"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        said, _ = process.communicate()
        verdict = "hang"
    return {"verdict": verdict, "said": said.strip(), "seconds": time.monotonic() - start,
            "cpu_seconds": cpu_seconds() - cpu}


def run_all(tool, rows, make_command, file):
    """Runs every row; with a file, keeps the results there and takes over those it has."""
    done = {}
    if file and file.exists():
        done = json.loads(file.read_text())
    for index, (name, folder, arguments) in enumerate(rows):
        if name not in done:
            done[name] = run(make_command(folder, arguments), folder)
            if file:
                file.write_text(json.dumps(done, indent=1))
        print(f"\r{tool} {index + 1}/{len(rows)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {name: done[name] for name, _, _ in rows}


VARIANTS = {"ipv4": "ipv4", "ipv4-mapped-v6": "ipv4-mapped-ipv6", "ipv6": "ipv6"}


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def settings_of(arguments):
    """What the suite's runner passes to every script of an IP version, in the words of `run`."""
    words, defines = [], False
    for word in arguments[:-1]:
        if defines:
            words += ["-D", word]
        elif re.match(r"--\w+=", word) and not word.startswith("--ip_version="):
            words += ["--script-option", word[2:]]
        defines = word == "-D"
    return words


def run_suite(command, nets, rows, jobs):
    """All rows, the IP versions side by side; the results, and the seconds and the processor's."""
    start, cpu, running, done = time.monotonic(), cpu_seconds(), [], {}
    versions = [variant for variant in VARIANTS if any(row[0].endswith(variant) for row in rows)]
    for index, variant in enumerate(versions):
        of_variant = [row for row in rows if row[0].endswith(" " + variant)]
        # By folders: a script that cannot be read is then a verdict, and not the end of it all.
        folders = sorted({str(nets / row[0].rsplit("/", 1)[0]) for row in of_variant})
        workers = jobs // len(versions) + (1 if index < jobs % len(versions) else 0)
        results = tempfile.NamedTemporaryFile(suffix=".json")
        process = subprocess.Popen(
            [str(command), "run", "--target", "linux-tun", "-j", str(max(workers, 1)), "--slow",
             "--no-sanity", "--mode", "packetdrill", "--quiet", "--variant", VARIANTS[variant],
             "--json", results.name, *settings_of(of_variant[0][2]), *folders],
            stdout=subprocess.DEVNULL)
        running.append((variant, process, results))
    for variant, process, results in running:
        process.wait()
        for case in json.loads(pathlib.Path(results.name).read_text())["cases"]:
            path = pathlib.Path(case["path"]).resolve().relative_to(nets)
            done[f"{path} {variant}"] = verdict_of(case)
    for name, _, _ in rows:
        done.setdefault(name, {"verdict": "unsupported", "retried": False, "seconds": 0,
                               "said": "unsupported: its text is bound to another IP version"})
    return done, time.monotonic() - start, cpu_seconds() - cpu


def verdict_of(case):
    """A verdict of `run` in the words of run() above: a script that cannot be read fails."""
    verdict, said = case["verdict"], case["cause"]
    if verdict == "unsupported":
        said = "unsupported: " + said
    if verdict == "error" and "error: " in said:
        verdict = "fail"
    return {"verdict": verdict, "said": said, "retried": case["retried"],
            "seconds": case["wall_us"] / 1e6}


def report_runs(rows, theirs, runs):
    """Prints how alike several runs of packetwright are, and what they cost."""
    stable = {name for name, _, _ in rows
              if len({round_[name]["verdict"] for round_ in theirs}) == 1}
    flipped = [name for name, _, _ in rows
               if len({done[name]["verdict"] for done, _, _ in runs}) > 1]
    inside = [name for name in flipped if name in stable]
    print(f"{len(runs)} runs: {len(inside)} of {len(stable)} verdicts differ in the rows that "
          f"packetdrill judges alike, {len(flipped) - len(inside)} of {len(rows) - len(stable)} in "
          "the others")
    for name in flipped:
        print(f"  {name}: {', '.join(done[name]['verdict'] for done, _, _ in runs)}")
        for done, _, _ in runs:
            print(first_lines(done[name]["said"], 1))
    for done, seconds, cpu in runs:
        retried = sum(one["retried"] for one in done.values())
        print(f"  {seconds:.1f} s, of the processors {cpu:.1f} s; {retried} ran again")


def first_lines(text, count=3):
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join("    " + line[:160] for line in lines[:count])


def reason_of(said):
    """What a row of packetwright lacked, without the place."""
    found = re.search(r"unsupported: (.*)", said)
    return found.group(1) if found else "?"


def is_overridden(nets, name, arguments):
    """Whether the suite's runner says otherwise than the script, which then cannot hold there."""
    text = (nets / name.rsplit(" ", 1)[0]).read_text(errors="replace")
    given = {word.split("=")[0] for word in arguments if word.startswith("--")}
    return any(option in given for option in re.findall(r"^\s*(--\w+)=", text, re.MULTILINE))


def report(rows, theirs, ours, nets):
    """Prints the table by cause and returns how many stable rows disagree."""
    agree = {"pass": 0, "fail": 0}
    unstable, unsupported, overridden, differing = [], {}, [], []
    for name, _, arguments in rows:
        verdicts = {round_[name]["verdict"] for round_ in theirs}
        own = ours[name]["verdict"]
        if len(verdicts) > 1:
            unstable.append(name)
            continue
        verdict = verdicts.pop()
        if own == "unsupported" and verdict != "pass":
            unsupported.setdefault(reason_of(ours[name]["said"]), []).append(name)
        elif own == verdict:
            agree[verdict] = agree.get(verdict, 0) + 1
        elif (verdict, own) == ("fail", "pass") and is_overridden(nets, name, arguments):
            overridden.append(name)
        else:
            differing.append(name)
    stable = len(rows) - len(unstable)
    print(f"{len(rows)} rows; packetdrill judged {stable} alike in {len(theirs)} rounds, and "
          f"{len(unstable)} not")
    print(f"agree: {agree['pass']} pass, {agree['fail']} fail, "
          f"{sum(map(len, unsupported.values()))} fail there and are unsupported here")
    for reason, names in sorted(unsupported.items(), key=lambda item: -len(item[1])):
        print(f"  {len(names):4}  {reason}")
    if overridden:
        print(f"  {len(overridden):4}  fail there because the runner overrides their options, and "
              "pass here with their own")
    percent = 100 * (stable - len(differing)) / max(stable, 1)
    print(f"differ: {len(differing)} of {stable} ({percent:.1f} % agree)")
    for name in differing:
        print(f"  {name}: packetdrill {theirs[0][name]['verdict']}, "
              f"packetwright {ours[name]['verdict']}")
        print(first_lines(theirs[0][name]["said"]), first_lines(ours[name]["said"], 8), sep="\n")
    for title, results in [(f"packetdrill, round {i + 1}", r) for i, r in enumerate(theirs)] + [
            ("packetwright", ours)]:
        line = f"{title}: {sum(one['seconds'] for one in results.values()):.1f} s"
        if all("cpu_seconds" in one for one in results.values()):
            line += (", of the processors "
                     f"{sum(one['cpu_seconds'] for one in results.values()):.1f} s")
        print(line)
    for name in unstable:
        print(f"  not judged alike: {name}: "
              f"{', '.join(round_[name]['verdict'] for round_ in theirs)}; here "
              f"{ours[name]['verdict']}")
    return len(differing)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkout", type=pathlib.Path, required=True,
                        help="google/packetdrill, with packetdrill built in it")
    parser.add_argument("--packetwright", type=pathlib.Path, required=True, help="our command")
    parser.add_argument("--rounds", type=int, default=2, help="of packetdrill (default: 2)")
    parser.add_argument("--keep", type=pathlib.Path,
                        help="folder for packetdrill's results, so that they are run only once")
    parser.add_argument("--jobs", type=int,
                        help="run the suite with so many workers, not row by row")
    parser.add_argument("--runs", type=int, default=3, help="of packetwright, with --jobs")
    parser.add_argument("-k", dest="pattern", default="", help="only rows that match this")
    arguments = parser.parse_args()
    checkout = arguments.checkout.resolve()
    ours_command = arguments.packetwright.resolve()
    tool = checkout / "gtests" / "net" / "packetdrill" / "packetdrill"
    if not tool.exists():
        parser.error(f"{tool} is not built")
    rows = suite_rows(checkout, arguments.pattern)
    if not rows:
        parser.error("no row matches")
    namespace = tool.with_name("in_netns.sh")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    theirs = []
    for index in range(arguments.rounds):
        file = arguments.keep / f"packetdrill_{index + 1}.json" if arguments.keep else None
        theirs.append(run_all(f"packetdrill, round {index + 1}:", rows,
                              lambda _, words: [str(namespace), str(tool), *words], file))
    if arguments.jobs:
        runs = [run_suite(ours_command, checkout / "gtests" / "net", rows, arguments.jobs)
                for _ in range(arguments.runs)]
        report_runs(rows, theirs, runs)
        ours = runs[0][0]
    else:
        ours = run_all("packetwright:", rows,
                       lambda _, words: [str(ours_command), "packetdrill", *words], None)
    return 1 if report(rows, theirs, ours, checkout / "gtests" / "net") else 0


if __name__ == "__main__":
    sys.exit(main())
