# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install lwip-debian: an adapter for the liblwip of this system. Sourced; see
# install_target in ../front_door.sh.

target_missing() { :; }

lwip_debian_build() {
  cmake -S "$root" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DPW_TESTS=OFF -DPW_FUZZ=OFF
  ninja -C "$1/build" lwip_debian
  mv "$1/build/plugins/lwip-debian.so" "$1/out"
}

target_install() {
  need_packages "${packages_build[@]}" liblwip-dev
  keep "$cache/plugins/lwip-debian.so" lwip_debian_build "$({
    cc --version
    contents "$root/harness/targets/lwip" "$root/harness/targets/packetwright_target.h" \
      /usr/include/lwip
  } | sha256sum)"
}
