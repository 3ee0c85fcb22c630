#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every libFuzzer target for a few seconds from its corpus: it starts, finds new inputs, and finds
# nothing wrong. As many at a time as there are processors.
# usage: tools/fuzz_smoke.sh BUILD_DIRECTORY SECONDS
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1 seconds=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

smoke() {
  local fuzzer=$1 name folder log rate seeds=()
  name=$(basename "$fuzzer" _fuzz)
  mkdir -p "$scratch/$name"
  for folder in "$root/corpus/$name/seed" "$root/corpus/$name/regress"; do
    [[ -d $folder ]] && seeds+=("$folder")
  done
  log="$scratch/$name.log"
  "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2560 -print_final_stats=1 \
    -artifact_prefix="$scratch/$name-" "$scratch/$name" "${seeds[@]}" >"$log" 2>&1 || {
    tail -n 60 "$log"
    base64 "$scratch/$name"-* 2>/dev/null || true
    return 1
  }
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  printf '%-28s %9s inputs a second\n' "$name" "$rate"
}

mapfile -t fuzzers < <(find "$build/fuzz" -name '*_fuzz' -type f -perm -u+x | sort)
((${#fuzzers[@]} > 0)) || { echo "no fuzz targets were built"; exit 1; }
export root seconds scratch
export -f smoke
printf '%s\0' "${fuzzers[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'smoke "$1"' _
