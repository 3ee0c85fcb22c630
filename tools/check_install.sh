#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build into an empty folder, then builds and runs a stranger's project against it with
# find_package, and the installed command against its installed cases.
# usage: tools/check_install.sh BUILD_DIRECTORY
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"
cmake -S "$root/examples/find_package" -B "$scratch/consumer" -G Ninja \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/configure.log"
cmake --build "$scratch/consumer" >"$scratch/build.log" || {
  cat "$scratch/build.log"
  exit 1
}
"$scratch/consumer/two_hosts"

cd "$scratch"
"$scratch/prefix/bin/packetwright" version
"$scratch/prefix/bin/packetwright" list >"$scratch/list.txt"
"$scratch/prefix/bin/packetwright" run tcp/segment_arrives -j 1 --color never | tail -n 1
