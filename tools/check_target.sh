#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A target that `./pw targets --install` has built: the check of its adapter, and the whole suite,
# in which everything must be as its list of known failures says, and the same octets each time.
# Exit status 77 where it cannot be used, with the reason.
# usage: tools/check_target.sh NAME [PACKETWRIGHT]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=$1
packetwright=${2:-$root/build/release/harness/cli/packetwright}

reason=$("$packetwright" targets --json | python3 -c '
import json, sys
print(next(t["reason"] for t in json.load(sys.stdin) if t["name"] == sys.argv[1]) or "")' "$name")
if [[ -n $reason ]]; then
  echo "skipped: $name: $reason"
  exit 77
fi
"$packetwright" targets --check "$name"
"$packetwright" run --target "$name" --conformance "$root/conformance" --repeat 2 --color never |
  tail -n 40
