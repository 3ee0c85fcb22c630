#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The suite against Linux in virtual time: everything must be as expectations/uml.toml says, and the
# same octets each time. Exit status 77 where it cannot be used, with the reason.
# usage: tools/check_uml.sh [PACKETWRIGHT]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packetwright=${1:-$root/build/release/harness/cli/packetwright}

reason=$("$packetwright" targets --json | python3 -c '
import json, sys
print(next(t["reason"] for t in json.load(sys.stdin) if t["name"] == "uml") or "")')
if [[ -n $reason ]]; then
  echo "skipped: uml: $reason"
  exit 77
fi
"$packetwright" run --target uml --conformance "$root/conformance" --repeat 2 --color never |
  tail -n 40
