# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install c-ares: the static library of this system, on top of the reference stack.
# Sourced; see install_target in ../front_door.sh.

target_missing() { :; }

c_ares_build() {
  cmake -S "$root" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DPW_TESTS=OFF -DPW_FUZZ=OFF -DPW_CARES=ON
  ninja -C "$1/build" c_ares
  mv "$1/build/plugins/c-ares.so" "$1/out"
}

target_install() {
  need_packages "${packages_build[@]}" libc-ares-dev
  keep "$cache/plugins/c-ares.so" c_ares_build "$({
    cc --version
    contents "$root/harness/targets/cares" "$root/harness/targets/reference" \
      "$root/harness/targets/packetwright_target.h" "$root/stack" /usr/include/ares*.h
  } | sha256sum)"
}
