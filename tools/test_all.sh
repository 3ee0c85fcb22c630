#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that can be checked, part by part; `./pw test --all` and CI run it. Prints the time of
# each part, says why a part is skipped, and goes on after a failure so that one run tells all.
# The parts of $on_request run only if they are named.
# usage: tools/test_all.sh [PART...]
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
yes=${yes:-${CI:+1}}
# shellcheck source=tools/front_door.sh
source "$root/tools/front_door.sh"
cd "$root" || exit 3

passed=0 failed=0 skipped=0
report=()

# What does not fit in the time of one run, with builds of its own.
on_request="python faults packaged coverage"

# Whether the part of that name is to run.
wanted() {
  if ((${#only[@]})); then
    [[ " ${only[*]} " == *" $1 "* ]]
  else
    [[ " $on_request " != *" $1 "* ]]
  fi
}

# part NAME FUNCTION: the function returns 0, 77 (skipped; its last line says why), or fails.
part() {
  local name=$1 function=$2 status started=$SECONDS
  wanted "$name" || return 0
  echo
  echo "=== $name"
  (set -e; "$function")
  status=$?
  local took=$((SECONDS - started)) word
  case $status in
    0) word=passed; ((++passed)) ;;
    77) word=skipped; ((++skipped)) ;;
    *) word=FAILED; ((++failed)) ;;
  esac
  report+=("$(printf '%-10s %-8s %4d s' "$name" "$word" "$took")")
  echo "=== $name: $word in $took s"
}

skip() {
  echo "skipped: $*"
  exit 77
}

style() {
  python3 tools/tidy_test.py
  python3 tools/tidy.py
  python3 tools/plant_faults_test.py
  python3 tools/rfc_trace.py --check
  cpp_sources | xargs clang-format-19 --dry-run -Werror
  bash -n pw tools/*.sh tools/targets/*.sh .ci/run
}

clang_dev() {
  build dev
  run_ctest dev
}

# The package with the sanitized module, its types, and its style.
python_package() {
  build dev all
  python_tests dev
  local bin=$root/.venv/bin
  "$bin/ruff" check python bench
  "$bin/mypy" python/packetwright python/examples
  python_with dev -m mypy.stubtest packetwright._core --mypy-config-file pyproject.toml \
    --allowlist python/stubtest_allowlist.txt --ignore-unused-allowlist
}

# The other compiler, optimised, without sanitizers: what the parts below it install, run and time.
gcc_optimised() {
  build gcc
  run_ctest gcc
}

install_and_use() {
  build gcc
  tools/check_install.sh "$root/build/gcc"
}

# Each fault that is planted in the stack is shown by a case, or is known not to be.
faults() {
  build gcc packetwright_faults
  build/gcc/harness/cli/packetwright-faults faults --at-least 75
}

# The same seed must give the same bytes, whoever compiled it.
reproducible() {
  build gcc packetwright_cli
  build dev packetwright_cli
  tools/check_reproducible.sh
  build/gcc/harness/cli/packetwright sweep --color never | tail -n 1
}

kernel() {
  build gcc packetwright_cli
  tools/check_kernel.sh build/gcc/harness/cli/packetwright
  tools/check_wire.sh build/gcc/harness/cli/packetwright
}

# installed NAME: builds it unless the cache has it; skips the part where this machine cannot.
installed() {
  local reason
  load_target "$1"
  reason=$(target_missing)
  [[ -z $reason ]] || skip "$1: $reason"
  target_install
}

# Linux in virtual time.
uml() {
  build gcc all
  [[ -n ${PACKETWRIGHT_UML:-} ]] || installed uml
  tools/check_target.sh uml build/gcc/harness/cli/packetwright
}

gvisor() {
  build gcc packetwright_cli
  installed gvisor
  tools/check_gvisor.sh build/gcc/harness/cli/packetwright
}

# What Debian's packages hold: resolvers, and a build of lwIP, which the check of its adapter ends
# (harness/targets/lwip/CMakeLists.txt).
packaged() {
  local one packetwright=build/gcc/harness/cli/packetwright
  build gcc packetwright_cli libc_resolver
  for one in c-ares lwip-debian musl; do installed "$one"; done
  tools/check_target.sh c-ares "$packetwright"
  "$packetwright" run --target lwip-debian --color never | tail -n 40
  for one in libc musl; do
    "$packetwright" run dns --target "$one" --color never | tail -n 40
  done
}

fuzz_targets() {
  build fuzz fuzz/all
  tools/fuzz_smoke.sh "$root/build/fuzz" 2
}

clang_tidy() {
  build dev packetwright_cli
  tools/run_clang_tidy.sh "$root/build/dev"
}

# That they run; what they say counts with ./pw bench.
benchmarks() {
  build gcc bench/all
  local bench
  for bench in build/gcc/bench/*_bench; do "$bench" --benchmark_min_time=0.05; done
}

only=("$@")
need_packages "${packages_build[@]}" "${packages_test[@]}" "${packages_lint[@]}" \
  "${packages_bench[@]}" "${packages_servers[@]}"
# Before anything is built: what these bring along replaces headers of the system, and a header that
# is newer than a precompiled one ends the build.
if wanted uml; then
  (load_target uml; [[ -n $(target_missing) ]] || need_packages "${packages_uml[@]}")
fi

part style style
part clang clang_dev
part python python_package
part gcc gcc_optimised
part faults faults
part install install_and_use
part repeat reproducible
part kernel kernel
part uml uml
part gvisor gvisor
part packaged packaged
part fuzz fuzz_targets
part bench benchmarks
wanted coverage && need_packages "${packages_coverage[@]}"
part coverage coverage
part tidy clang_tidy

echo
printf '%s\n' "${report[@]}"
((${#only[@]})) || echo "only if they are named: $on_request"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
