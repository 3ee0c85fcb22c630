#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The suite against the running kernel: every case has a verdict, the harness is never at fault, and
# the kernel behaves as a kernel does. Which cases it fails differs between kernels; on the one that
# expectations/linux.toml was written for, all must be as the ledger says. Exit status 77 where the
# kernel cannot be used, with the reason.
# usage: tools/check_kernel.sh [PACKETWRIGHT]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packetwright=${1:-$root/build/release/harness/cli/packetwright}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

reason=$("$packetwright" targets --json | python3 -c '
import json, sys
print(next(t["reason"] for t in json.load(sys.stdin) if t["name"] == "linux") or "")')
if [[ -n $reason ]]; then
  echo "skipped: linux: $reason"
  exit 77
fi

status=0
"$packetwright" run --target linux --conformance "$root/conformance" --color never \
  --json "$scratch/linux.json" >"$scratch/linux.txt" || status=$?
tail -n 40 "$scratch/linux.txt"
python3 - "$scratch/linux.json" "$status" "$root/conformance/expectations/linux.toml" <<'PYTHON'
import json
import re
import sys

LEAST_SHARE = 95  # percent of what was judged; a new or an old kernel differs in a few cases

with open(sys.argv[1], encoding="utf-8") as file:
    run = json.load(file)
status = int(sys.argv[2])
with open(sys.argv[3], encoding="utf-8") as file:
    known_kernel = re.search(r"^# Written for: Linux ([0-9.]+)$", file.read(), re.M).group(1)

summary = run["summary"]
judged = summary["total"] - summary["unsupported"]
passed = sum(summary[word] for word in ("pass", "non_strict", "info", "xfail"))
kernel = run["target"]["version"]
wrong = []
if status not in (0, 1):
    wrong.append(f"exit status {status}")
if not run["complete"]:
    wrong.append("the run is not complete")
if run["sanity"] != {"first": "pass", "last": "pass"}:
    wrong.append(f"sanity case: {run['sanity']}")
wrong += [f"{summary[word]} {word}" for word in ("error", "crash", "hang") if summary[word]]
if judged == 0 or passed * 100 < judged * LEAST_SHARE:
    wrong.append(f"only {passed} of {judged} runs are as they should be")
if re.match(re.escape(known_kernel) + r"(\D|$)", kernel):
    wrong += [f"{summary[word]} {word}" for word in ("fail", "xpass") if summary[word]]
    if run["stale_expectations"]:
        wrong.append("stale expectations")
    if status == 1 and not wrong:
        wrong.append("exit status 1")
else:
    print(f"Linux {kernel}; the ledger was written for {known_kernel}, so fails are not counted")
if wrong:
    sys.exit("check_kernel: " + "; ".join(wrong))
PYTHON
