#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Same case, target, seed and version: same bytes, whoever compiled them. Runs the suite on the
# reference stack with g++ -O2 and with clang and its sanitizers, compares the trace hash of every
# case, then repeats it a hundred times with the first.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for preset in gcc dev; do
  "$root/build/$preset/harness/cli/packetwright" run --target reference --color never \
    --json "$scratch/$preset.json" >"$scratch/$preset.txt" || {
    tail -n 30 "$scratch/$preset.txt"
    exit 1
  }
done
python3 - "$scratch" <<'PYTHON'
import json
import pathlib
import sys

scratch = pathlib.Path(sys.argv[1])
hashes = {}
for preset in ("gcc", "dev"):
    run = json.loads((scratch / f"{preset}.json").read_text(encoding="utf-8"))
    hashes[preset] = {(c["id"], c["variant"], json.dumps(c["params"], sort_keys=True)):
                      c["trace_hash"] for c in run["cases"]}
names = sorted(set().union(*hashes.values()))
different = [n for n in names if len({hashes[p].get(n) for p in hashes}) != 1]
for name in different:
    print("differs:", *name, {p: hashes[p].get(name) for p in hashes})
print(f"{len(names)} trace hashes, {len(different)} differ between g++ -O2 and clang with "
      "sanitizers")
sys.exit(1 if different or not names else 0)
PYTHON
"$root/build/gcc/harness/cli/packetwright" run --target reference --repeat 100 --color never \
  >"$scratch/repeat.txt" || {
  tail -n 30 "$scratch/repeat.txt"
  exit 1
}
echo "a hundred repeats: $(tail -n 1 "$scratch/repeat.txt")"
