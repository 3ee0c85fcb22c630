#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over our own sources with the checks of .clang-tidy, as many at a time as there are
# processors. Without FILEs the analyzer, a quarter of the time, sees the stack alone, which has to
# stand whatever comes.
# usage: tools/run_clang_tidy.sh BUILD_DIRECTORY [FILE...]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
shift
cd "$root"

# tidy FILES CHECKS
tidy() {
  local -n list=$1
  printf '%s\n' "${list[@]}" |
    xargs -P "$(nproc)" -n 4 clang-tidy-19 -p "$build" --quiet --warnings-as-errors='*' \
      --checks="$2" 2> >(grep -v 'warnings generated' >&2)
}

if (($# > 0)); then
  files=("$@") others=()
else
  mapfile -t files < <(git ls-files 'stack/*.cc' | grep -v '_test\.cc$')
  # Two are not compiled in every build, and then nothing says how.
  mapfile -t others < <(git ls-files 'harness/*.cc' ':!harness/targets/cares' \
    ':!harness/targets/faulty/planted_target.cc' | grep -v '_test\.cc$')
fi
tidy files ""
if ((${#others[@]})); then tidy others '-clang-analyzer-*'; fi
echo "clang-tidy: $((${#files[@]} + ${#others[@]})) files clean"
