# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install lwip-debian: an adapter for the liblwip of this system. Sourced; see
# install_target in ../front_door.sh.

target_missing() { :; }

lwip_debian_build() { build_aside "$1" lwip_debian plugins/lwip-debian.so; }

target_install() {
  need_packages "${packages_build[@]}" liblwip-dev
  keep "$cache/plugins/lwip-debian.so" lwip_debian_build "$({
    cc --version
    contents "$root/harness/targets/lwip" "$root/harness/targets/packetwright_target.h" \
      /usr/include/lwip
  } | sha256sum)"
}
