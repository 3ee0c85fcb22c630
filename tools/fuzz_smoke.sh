#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every libFuzzer target for a few seconds from its corpus: it starts, finds new inputs, and finds
# nothing wrong. usage: tools/fuzz_smoke.sh BUILD_DIRECTORY SECONDS
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1 seconds=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

count=0
while IFS= read -r fuzzer; do
  name=$(basename "$fuzzer" _fuzz)
  mkdir -p "$scratch/$name"
  seeds=()
  for folder in "$root/corpus/$name/seed" "$root/corpus/$name/regress"; do
    [[ -d $folder ]] && seeds+=("$folder")
  done
  log="$scratch/$name.log"
  "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2560 -print_final_stats=1 \
    -artifact_prefix="$scratch/$name-" "$scratch/$name" "${seeds[@]}" >"$log" 2>&1 || {
    tail -n 60 "$log"
    base64 "$scratch/$name"-* 2>/dev/null || true
    exit 1
  }
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  printf '%-28s %9s inputs a second\n' "$name" "$rate"
  count=$((count + 1))
done < <(find "$build/fuzz" -name '*_fuzz' -type f -perm -u+x | sort)
((count > 0)) || { echo "no fuzz targets were built"; exit 1; }
