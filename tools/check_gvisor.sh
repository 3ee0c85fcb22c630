#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gVisor's stack as a target, which `./pw targets --install gvisor` has built: the tests of the
# agent, and what check_target.sh does. Exit status 77 where it cannot be used, with the reason.
# usage: tools/check_gvisor.sh [PACKETWRIGHT]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/tools/check_target.sh" gvisor ${1:+"$(realpath "$1")"}

PATH=$PATH:/usr/local/go/bin
cd "$root/harness/targets/gvisor"
badly_formatted=$(gofmt -l .)
[[ -z $badly_formatted ]] || { echo "not as gofmt has it: $badly_formatted"; exit 1; }
go vet ./...
go test ./...
