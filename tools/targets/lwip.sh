# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install lwip [CHECKOUT]: lwIP 2.2.1, as Debian 13 has its source, or what is
# checked out there. Sourced; see install_target in ../front_door.sh.

lwip_url=http://deb.debian.org/debian/pool/main/l/lwip/lwip_2.2.1%2bdfsg1.orig.tar.xz
lwip_sum=83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1
lwip_checkout=${arguments[0]:+$(realpath -m "${arguments[0]}")}

target_missing() {
  local version=$lwip_checkout/src/include/lwip/init.h
  if [[ -z $lwip_checkout ]]; then
    [[ -x /usr/lib/apt/apt-helper ]] ||
      echo "there is no apt to fetch its source; name a checkout: --install lwip CHECKOUT"
  elif [[ $(grep -sEc '^#define LWIP_VERSION_M(AJOR|INOR) +2U?$' "$version") != 2 ]]; then
    echo "$lwip_checkout is no checkout of lwIP 2.2"
  fi
}

lwip_build() {
  local work=$1 source=$lwip_checkout
  if [[ -z $source ]]; then
    source=$work/source
    mkdir "$source"
    /usr/lib/apt/apt-helper download-file "$lwip_url" "$work/source.tar.xz" "SHA256:$lwip_sum"
    tar --extract --strip-components=1 --directory "$source" --file "$work/source.tar.xz"
  fi
  build_aside "$work" lwip plugins/lwip.so -DPW_LWIP_DIR="$source"
}

target_install() {
  need_packages "${packages_build[@]}"
  keep "$cache/plugins/lwip.so" lwip_build "$({
    cc --version
    contents "$root/harness/targets/lwip" "$root/harness/targets/packetwright_target.h"
    if [[ -n $lwip_checkout ]]; then contents "$lwip_checkout/src"; else echo "$lwip_sum"; fi
  } | sha256sum)"
}
