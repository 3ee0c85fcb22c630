#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The suite against the running kernel: every case has a verdict, none of them ERROR. Exit status 77
# where the kernel cannot be used, with the reason.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packetwright="$root/build/release/harness/cli/packetwright"
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
"$packetwright" run --target linux --color never --json "$scratch/linux.json" \
  >"$scratch/linux.txt" || status=$?
tail -n 40 "$scratch/linux.txt"
# Which cases the kernel fails differs between kernels: expectations/linux.toml was written with one
# of them. What must hold on all is that each case has a verdict and the harness is never at fault.
python3 - "$scratch/linux.json" "$status" <<'PYTHON'
import json
import sys

summary = json.load(open(sys.argv[1], encoding="utf-8"))["summary"]
wrong = [k for k in ("error", "crash", "hang") if summary[k]]
if wrong or summary["total"] == 0:
    sys.exit(f"harness trouble: {summary}")
if sys.argv[2] not in ("0", "1"):
    sys.exit(f"exit status {sys.argv[2]}")
PYTHON
