#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Renews the goodput tables of harness/sim/approved with an optimised build: the small ones, which a
# test compares, and the large ones. With --check it says whether they still hold.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
approved=harness/sim/approved

cmake --preset release >/dev/null
cmake --build --preset release --target packetwright_goodput
goodput=build/release/harness/sim/packetwright_goodput
if [[ ${1:-} == --check ]]; then
  diff -u $approved/goodput_small.txt <("$goodput" small)
  diff -u $approved/goodput.txt <("$goodput")
  exit
fi
mkdir -p $approved
"$goodput" small >$approved/goodput_small.txt.new
"$goodput" >$approved/goodput.txt.new
for table in goodput_small goodput; do mv $approved/$table.txt.new $approved/$table.txt; done
git --no-pager diff --stat -- $approved
