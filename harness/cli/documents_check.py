#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what the command writes for machines, as a tool that knows only docs/results.md would.

documents_check.py KIND FILE, where KIND is run, targets, list, junit or tap. Exit status 1 and a
line for every field that is missing, of another type, or at odds with the others.
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

VERDICTS = ["pass", "fail", "non_strict", "info", "xfail", "xpass", "unsupported", "crash", "hang",
            "error"]
HEX = re.compile(r"0x[0-9a-f]{1,16}")
BIG = "a number of 64 bits, as text"

RUN = {
    "schema": int, "version": str, "mode": ["automatic", "strict", "packetdrill"],
    "target": {"name": str, "version": str, "clock": ["virtual", "real"], "medium": str,
               "capabilities": [str]},
    "seed": BIG, "started": str, "workers": int, "repeat": int, "shard": str, "strict": bool,
    "wall_ms": int, "virtual_ms": int, "complete": bool, "interrupted": bool, "error": str,
    "sanity": {"first": str, "last": str}, "stale_expectations": [str],
    "summary": {name: int for name in VERDICTS + ["total"]},
}
CASE = {
    "id": str, "path": str, "title": str, "variant": ["ipv4", "ipv4-mapped-ipv6", "ipv6"],
    "params": {}, "target": str, "mode": ["strict", "packetdrill"], "verdict": VERDICTS,
    "level": ["MUST", "SHOULD", "MAY"], "requirements": [str], "places": [str], "cause": str,
    "symptom": str, "known": str, "vacuous": bool, "order_dependent": bool, "retried": bool,
    "rounds": int, "assertions_skipped": int, "seed": BIG, "wall_us": int, "virtual_us": int,
    "late_us": int, "trace_hash": BIG, "line": int, "prelude": str, "replay": str, "pcap": str,
    "log": str,
}
MISMATCH = {"file": str, "line": int, "column": int, "expected": str, "actual": str, "symptom": str}
FIELD = {"name": str, "want": str, "got": str}
HISTORY = {"at_us": int, "kind": ["frame_in", "frame_out", "call", "note"], "line": int,
           "prelude": str, "text": str}
TARGET = {"name": str, "version": str, "clock": ["virtual", "real"], "medium": str,
          "capabilities": [str], "available": bool, "reason": str}
LISTED = {"id": str, "path": str, "title": str, "level": ["MUST", "SHOULD", "MAY"],
          "requirements": [str], "needs": [str], "variants": [str], "params": [str],
          "problem": str}

found = []


def say(where, text):
    found.append(f"{where}: {text}")


def check(where, value, wanted):
    """A type, a list of texts to choose from, a list of one type, or an object's members."""
    if wanted == BIG:
        if not (isinstance(value, str) and HEX.fullmatch(value)):
            say(where, f"{value!r} is not {BIG}")
    elif isinstance(wanted, dict):
        if not isinstance(value, dict):
            return say(where, f"{value!r} is no object")
        for name, member in wanted.items():
            if name in value:
                check(f"{where}.{name}", value[name], member)
            else:
                say(where, f"there is no {name}")
    elif isinstance(wanted, list) and isinstance(wanted[0], type):
        if not isinstance(value, list):
            return say(where, f"{value!r} is no list")
        for place, element in enumerate(value):
            check(f"{where}[{place}]", element, wanted[0])
    elif isinstance(wanted, list):
        if value not in wanted:
            say(where, f"{value!r} is none of {wanted}")
    # True is an int to Python, and not to anybody else.
    elif not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        say(where, f"{value!r} is no {wanted.__name__}")


def check_run(text):
    document = json.loads(text)
    check("run", document, RUN)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["started"]):
        say("started", document["started"])
    if document["schema"] != 1:
        say("schema", document["schema"])
    counted = dict.fromkeys(VERDICTS, 0)
    for one in document["cases"]:
        where = one.get("id", "a case")
        check(where, one, CASE)
        counted[one["verdict"]] += 1
        for mismatch in one["mismatches"]:
            check(f"{where}.mismatches", mismatch, MISMATCH)
            for field in mismatch["fields"]:
                check(f"{where}.fields", field, FIELD)
        for entry in one["history"]:
            check(f"{where}.history", entry, HISTORY)
        for value in one["params"].values():
            if not isinstance(value, (int, str)):
                say(where, f"parameter {value!r}")
        if len(one["requirements"]) != len(one["places"]):
            say(where, "requirements and places do not pair")
        if (one["verdict"] == "pass") != (one["cause"] == ""):
            say(where, f"{one['verdict']} because {one['cause']!r}")
        if (one["verdict"] == "pass") != (one["replay"] == ""):
            say(where, f"{one['verdict']} with replay {one['replay']!r}")
        if one["pcap"] and not pathlib.Path(one["pcap"]).is_file():
            say(where, f"there is no {one['pcap']}")
    if document["summary"] != {**counted, "total": len(document["cases"])}:
        say("summary", f"{document['summary']}, and the cases are {counted}")


def check_elements(text, kind):
    for place, element in enumerate(json.loads(text)):
        check(f"[{place}]", element, TARGET if kind == "targets" else LISTED)
        if kind == "targets" and element["available"] != (element["reason"] == ""):
            say(element["name"], "available, or a reason why not")


def check_junit(text):
    """What Jenkins, GitLab and the rest agree on: names, counts that add up, one result a case."""
    root = xml.fromstring(text)
    totals = dict.fromkeys(["tests", "failures", "errors", "skipped"], 0)
    results = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    if root.tag != "testsuites":
        say("root", root.tag)
    for suite in root:
        counted = dict.fromkeys(totals, 0)
        for case in suite:
            if case.tag != "testcase" or not case.get("name") or not case.get("classname"):
                say(suite.get("name"), f"{case.tag} {case.attrib}")
            told = [child for child in case if child.tag in results]
            if len(told) > 1:
                say(case.get("name"), "more than one result")
            for child in told:
                counted[results[child.tag]] += 1
                if not child.get("message"):
                    say(case.get("name"), f"{child.tag} without a message")
            counted["tests"] += 1
            float(case.get("time", "0"))
        for name, count in counted.items():
            totals[name] += count
            if suite.get(name) != str(count):
                say(suite.get("name"), f"{name} is {suite.get(name)}, counted {count}")
    for name, count in totals.items():
        if root.get(name) != str(count):
            say("testsuites", f"{name} is {root.get(name)}, counted {count}")


def check_tap(text):
    """TAP 13: version, plan, test points in order; YAML blocks are indented by two."""
    lines = text.split("\n")
    plan = re.fullmatch(r"1\.\.(\d+)", lines[1])
    if lines[0] != "TAP version 13" or not plan:
        return say("tap", f"begins with {lines[:2]}")
    number = 0
    for line in lines[2:]:
        point = re.match(r"(not )?ok (\d+) - \S", line)
        if point:
            number += 1
            if int(point.group(2)) != number:
                say("tap", f"{line}: expected {number}")
        elif line and not line.startswith(("  ", "Bail out! ")):
            say("tap", line)
    if number != int(plan.group(1)):
        say("tap", f"planned {plan.group(1)}, told {number}")


def main():
    kind, path = sys.argv[1:]
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if kind == "run":
        check_run(text)
    elif kind in ("targets", "list"):
        check_elements(text, kind)
    elif kind == "junit":
        check_junit(text)
    else:
        check_tap(text)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
