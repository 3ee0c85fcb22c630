#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Renews the tables of harness/sim/approved, goodput and floods, with an optimised build: the small
# ones, which tests compare, and the large ones. With --check it says whether they still hold.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
approved=harness/sim/approved

cmake --preset release >/dev/null
cmake --build --preset release --target packetwright_goodput packetwright_flood
goodput=build/release/harness/sim/packetwright_goodput
flood=build/release/harness/sim/packetwright_flood
if [[ ${1:-} == --check ]]; then
  diff -u $approved/goodput_small.txt <("$goodput" small)
  diff -u $approved/floods_small.txt <("$flood" small)
  diff -u $approved/floods.txt <("$flood")
  diff -u $approved/goodput.txt <("$goodput")
  exit
fi
mkdir -p $approved
"$goodput" small >$approved/goodput_small.txt.new
"$goodput" >$approved/goodput.txt.new
"$flood" small >$approved/floods_small.txt.new
"$flood" >$approved/floods.txt.new
for table in goodput_small goodput floods_small floods; do
  mv $approved/$table.txt.new $approved/$table.txt
done
git --no-pager diff --stat -- $approved
