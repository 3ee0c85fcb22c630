# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install musl: the resolver of musl, as this system has it. Sourced; see
# install_target in ../front_door.sh.

target_missing() { :; }

musl_build() {
  cmake -S "$root" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DPW_TESTS=OFF -DPW_FUZZ=OFF
  ninja -C "$1/build" musl_resolver
  mv "$1/build/resolvers/musl" "$1/out"
}

target_install() {
  need_packages "${packages_build[@]}" musl-tools
  keep "$cache/resolvers/musl" musl_build "$({
    musl-gcc --version
    contents "$root/harness/targets/resolver/lookup.c" /lib/ld-musl-*
  } | sha256sum)"
}
