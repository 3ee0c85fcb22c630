#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gVisor's stack as a target, built by Go alone: the tests of the agent, the check of the adapter,
# and the whole suite, in which everything must be as the ledger says, and three times the same.
# Exit status 77 where there is no Go that can build it, with the reason.
# usage: tools/check_gvisor.sh [PACKETWRIGHT]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packetwright=$(realpath "${1:-$root/build/release/harness/cli/packetwright}")
folder=$root/harness/targets/gvisor
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { echo "skipped: gvisor: there is no go"; exit 77; }
needed=$(sed -n 's/^go //p' "$folder/go.mod")
found=$(go env GOVERSION)
if [[ $(printf '%s\n' "$needed" "${found#go}" | sort -V | head -n 1) != "$needed" ]]; then
  echo "skipped: gvisor: Go $needed is needed, this is ${found#go}"
  exit 77
fi

cd "$folder"
badly_formatted=$(gofmt -l .)
[[ -z $badly_formatted ]] || { echo "not as gofmt has it: $badly_formatted"; exit 1; }
go vet ./...
go test ./...
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$scratch/gvisor" .

export PACKETWRIGHT_AGENTS=$scratch
"$packetwright" targets --check gvisor
"$packetwright" run --target gvisor --conformance "$root/conformance" --color never --repeat 3 \
  >"$scratch/run.txt" || { cat "$scratch/run.txt"; exit 1; }
tail -n 2 "$scratch/run.txt"
