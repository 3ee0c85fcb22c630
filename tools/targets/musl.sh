# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install musl: the resolver of musl, as this system has it. Sourced; see
# install_target in ../front_door.sh.

target_missing() { :; }

musl_build() { build_aside "$1" musl_resolver resolvers/musl; }

target_install() {
  need_packages "${packages_build[@]}" musl-tools
  keep "$cache/resolvers/musl" musl_build "$({
    musl-gcc --version
    contents "$root/harness/targets/resolver/lookup.c" /lib/ld-musl-*
  } | sha256sum)"
}
