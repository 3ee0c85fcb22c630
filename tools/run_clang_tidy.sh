#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over our own sources with the checks of .clang-tidy, two at a time.
# usage: tools/run_clang_tidy.sh BUILD_DIRECTORY [FILE...]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
shift
cd "$root"
if (($# == 0)); then
  mapfile -t files < <(git ls-files 'stack/*.cc' 'harness/*.cc' | grep -v '_test\.cc$')
else
  files=("$@")
fi
printf '%s\n' "${files[@]}" |
  xargs -P "$(nproc)" -n 4 clang-tidy-19 -p "$build" --quiet --warnings-as-errors='*' \
    2> >(grep -v 'warnings generated' >&2)
echo "clang-tidy: ${#files[@]} files clean"
