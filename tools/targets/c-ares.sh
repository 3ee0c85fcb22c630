# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install c-ares: the static library of this system, on top of the reference stack.
# Sourced; see install_target in ../front_door.sh.

target_missing() { :; }

c_ares_build() { build_aside "$1" c_ares plugins/c-ares.so -DPW_CARES=ON; }

target_install() {
  need_packages "${packages_build[@]}" libc-ares-dev
  keep "$cache/plugins/c-ares.so" c_ares_build "$({
    cc --version
    contents "$root/harness/targets/cares" "$root/harness/targets/reference" \
      "$root/harness/targets/packetwright_target.h" "$root/stack" /usr/include/ares*.h
  } | sha256sum)"
}
