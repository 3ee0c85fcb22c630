# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What ./pw and tools/test_all.sh share: packages, builds, tests. Sourced; expects $root and $yes.

packages_build=(build-essential cmake ninja-build git libfmt-dev libcli11-dev
  nlohmann-json3-dev libtomlplusplus-dev)
packages_test=(clang-19 libclang-rt-19-dev libgtest-dev libgmock-dev python3 tshark iproute2
  libxml2-utils perl curl dnsmasq-base libslirp-dev python3-dev python3-venv)
# Starts a server where it is installed, so that only those who want everything are asked for it.
packages_servers=(nginx-light)
packages_lint=(clang-format-19 clang-tidy-19)
packages_coverage=(llvm-19)
packages_faults=(python3)
packages_bench=(libbenchmark-dev libtins-dev)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "pw: $1"
  exit "${2:-3}"
}

# Installs the named Debian packages that are missing. One stamp file per list makes the usual case,
# nothing missing, cost no process but cksum.
need_packages() {
  local key stamp missing=() name
  key=$(printf '%s ' "$@" | cksum)
  stamp="$root/build/.packages-${key%% *}"
  [[ -e $stamp ]] && return 0
  command -v dpkg-query >/dev/null ||
    die "this is not a Debian or Ubuntu system; install by other means what provides: $*"
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] ||
      missing+=("$name")
  done
  if ((${#missing[@]})); then
    local apt=(apt-get)
    if ((EUID != 0)); then
      command -v sudo >/dev/null || die "missing packages; as root: apt-get install ${missing[*]}"
      apt=(sudo apt-get)
    fi
    if [[ -z ${yes:-} ]]; then
      [[ -t 0 ]] || die "missing packages: ${missing[*]} (give --yes to have them installed)"
      read -r -p "Install ${missing[*]} with ${apt[*]}? [Y/n] " answer
      [[ -z $answer || $answer == [Yy]* ]] || die "not installed: ${missing[*]}"
    fi
    say "pw: installing ${missing[*]}"
    {
      "${apt[@]}" update &&
        DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends \
          "${missing[@]}"
    } >&2 || die "apt-get could not install: ${missing[*]}"
  fi
  mkdir -p "$root/build"
  : >"$stamp"
}

# build PRESET [TARGET...]: configures once, then lets ninja find out what is out of date. Quiet
# when nothing is.
build() {
  local preset=$1 log
  shift
  local dir="$root/build/$preset"
  log="$root/build/$preset.log"
  mkdir -p "$root/build"
  if [[ ! -e $dir/build.ninja ]]; then
    say "pw: configuring $preset"
    (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || {
      cat "$log" >&2
      die "cmake --preset $preset failed" 3
    }
  fi
  if ! ninja -C "$dir" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
    say "pw: building $preset"
    if [[ -t 2 ]]; then
      ninja -C "$dir" "$@" >&2 || die "build of $preset failed" 3
    else
      ninja -C "$dir" "$@" >"$log" 2>&1 || {
        tail -n 100 "$log" >&2
        die "build of $preset failed" 3
      }
    fi
  fi
}

cpp_sources() { git -C "$root" ls-files '*.cc' '*.hh' '*.h' | sed "s|^|$root/|"; }

jobs() { nproc; }

# run_ctest PRESET
run_ctest() {
  ctest --test-dir "$root/build/$1" --output-on-failure -j "$(jobs)" --no-tests=error
}

# Makes the virtual environment of the checkout what python/requirements.txt says, or prints why
# that cannot be; nothing: it is.
python_missing() {
  local pinned=$root/python/requirements.txt venv=$root/.venv log=$root/build/venv.log
  cmp -s "$pinned" "$venv/.pinned" && return 0
  command -v python3 >/dev/null || { echo "there is no python3"; return 0; }
  python3 -c 'import os, sys, sysconfig, venv, ensurepip
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null ||
    { echo "python3 has no headers, or no venv and pip (python3-dev, python3-venv)"; return 0; }
  mkdir -p "$root/build"
  python3 -m venv "$venv" >"$log" 2>&1 &&
    "$venv/bin/python" -m pip install --quiet --requirement "$pinned" >>"$log" 2>&1 ||
    { echo "pip could not install python/requirements.txt (see build/venv.log)"; return 0; }
  cp "$pinned" "$venv/.pinned"
}

# python_build PRESET: the module, for the Python of the virtual environment.
python_build() {
  local dir=$root/build/$1
  if ! grep -qs '^PW_PYTHON:BOOL=ON' "$dir/CMakeCache.txt"; then
    say "pw: configuring $1 for Python"
    (cd "$root" && cmake --preset "$1" -DPW_PYTHON=ON \
      -DPython_EXECUTABLE="$root/.venv/bin/python") >"$dir.log" 2>&1 || {
      cat "$dir.log" >&2
      die "cmake --preset $1 failed" 3
    }
  fi
  build "$1" packetwright_python
}

# python_with PRESET ARGUMENT...: the Python of the virtual environment, with the module of that
# preset.
python_with() {
  local preset=$1 preload=()
  shift
  # The interpreter is not sanitized, so that the runtime has to be there before the module is, and
  # with it the library whose exceptions it watches. What an interpreter never frees is no leak.
  if grep -qs '^PW_SANITIZERS:.*address' "$root/build/$preset/CMakeCache.txt"; then
    preload=(ASAN_OPTIONS=detect_leaks=0
      LD_PRELOAD="$(clang++-19 -print-file-name="libclang_rt.asan-$(uname -m).so") \
$(clang++-19 -print-file-name=libstdc++.so.6)")
  fi
  (cd "$root" && env "${preload[@]}" PYTHONPATH="$root/build/$preset/python" \
    "$root/.venv/bin/python" "$@")
}

# python_tests PRESET: of the package. 77: they cannot be run here, and it said why.
python_tests() {
  local reason
  reason=$(python_missing)
  if [[ -n $reason ]]; then
    say "pw: Python tests skipped: $reason"
    return 77
  fi
  python_build "$1"
  python_with "$1" -m pytest -q -n "$(jobs)"
}

# How much of the stack the tests reach; FILE...: and what of these they do not.
coverage() {
  build coverage stack/all packetwright_cli
  "$root/tools/coverage.py" "$root/build/coverage" "$@"
}

# Where what takes long to build is kept, outside the checkout.
cache=${PACKETWRIGHT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/packetwright}

# at_least FOUND NEEDED: of version numbers.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# contents FILE_OR_FOLDER...: what is in them, and what it is called.
contents() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum; }

# keep FILE BUILD KEY: has the function BUILD make $1/out in a scratch folder, and keeps that as
# FILE, unless the FILE that is there was built with the same KEY.
keep() {
  local file=$1 build=$2 key=$3 folder=$cache/$name log=$cache/$name.log work
  mkdir -p "$folder" "${file%/*}"
  exec 9>"$folder/lock"
  flock 9
  if [[ -x $file && $(cat "$folder/key" 2>/dev/null) == "$key" ]]; then
    say "pw: $name is up to date: $file"
    return
  fi
  work=$(mktemp -d "$cache/$name.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  say "pw: building $name, which may take minutes (log: $log)"
  # In the background, because set -e means nothing in front of ||.
  (set -e; "$build" "$work") >"$log" 2>&1 &
  wait "$!" || {
    tail -n 30 "$log" >&2
    die "$name could not be built"
  }
  chmod +x "$work/out"
  mv "$work/out" "$file"
  printf '%s\n' "$key" >"$folder/key"
  say "pw: $name is installed: $file"
}

# build_aside FOLDER TARGET FILE [OPTION...]: has FOLDER/out be what a build of this checkout
# without tests makes of a target.
build_aside() {
  cmake -S "$root" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DPW_TESTS=OFF -DPW_FUZZ=OFF "${@:4}"
  ninja -C "$1/build" "$2"
  mv "$1/build/$3" "$1/out"
}

# load_target NAME [ARGUMENT...]: what `packetwright targets` says can be installed.
# tools/targets/NAME.sh, which is sourced with $name and $arguments set, has two functions:
# target_missing prints why this machine cannot build it, or nothing; target_install keeps it in
# $cache, where packetwright looks.
load_target() {
  local known=() file
  name=${1:-} arguments=("${@:2}")
  for file in "$root"/tools/targets/*.sh; do
    file=${file##*/}
    known+=("${file%.sh}")
  done
  [[ " ${known[*]} " == *" $name "* && -n $name ]] ||
    die "targets --install takes one of: ${known[*]}" 2
  # shellcheck source=/dev/null
  source "$root/tools/targets/$name.sh"
}

install_target() {
  load_target "$@"
  local reason
  reason=$(target_missing)
  [[ -z $reason ]] || die "$name cannot be built here: $reason"
  target_install
}

exec_tests() {
  if [[ ${1:-} == --all ]]; then
    exec "$root/tools/test_all.sh" "${@:2}"
  fi
  need_packages "${packages_build[@]}" "${packages_test[@]}"
  build dev
  run_ctest dev
  # They need a module that takes longer to compile than all of these to run.
  say "pw: the Python package is tested by ./pw test --all python"
}
