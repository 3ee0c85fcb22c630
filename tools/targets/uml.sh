# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install uml: Debian's Linux 6.1 as a program (docs/uml.md). Sourced; see
# install_target in ../front_door.sh. uml-kasan.sh is the same with `configs` longer.

packages_uml=(linux-source-6.1 build-essential bc bison flex xz-utils)
configs=("$root/tools/targets/uml/kernel.config" ${configs[@]+"${configs[@]}"})

# Parts of the source that user mode never compiles; their Kconfig files are needed all the same.
# Without them the archive is unpacked in a third of the time and room.
uml_unpack() {
  local names=('*.c' '*.h' '*.S' '*.dts' '*.dtsi' '*.json' '*.rst' '*.txt' '*.yaml')
  local skip=() folder name
  for folder in Documentation drivers/{gpu,media,net/ethernet,net/wireless,scsi,staging,usb} \
    drivers/{infiniband,iio,clk,pinctrl,crypto,hwmon,platform,phy,mtd,target} \
    sound/{soc,pci,isa,usb,firewire,drivers} fs/{xfs,btrfs,ext4,ocfs2,f2fs,cifs,nfs,nfsd,ntfs3} \
    arch/{alpha,arc,arm,arm64,csky,hexagon,ia64,loongarch,m68k,microblaze,mips,nios2,openrisc} \
    arch/{parisc,powerpc,riscv,s390,sh,sparc,xtensa} tools/{perf,testing}; do
    for name in "${names[@]}"; do skip+=("--exclude=*/$folder/$name"); done
  done
  mkdir -p "$1"
  tar --extract --strip-components=1 --directory "$1" "${skip[@]}" \
    --file /usr/src/linux-source-6.1.tar.xz
}

# Processors with AMX have more state than Linux 6.1 has room for in user mode; what is cut off
# cannot be put back, and every program dies at its first instruction. The older call for registers
# moves no more than SSE's, on any processor alike, and harness/targets/uml sees to it that no
# program of the guest uses others.
uml_mend() {
  local file=$1/arch/x86/um/os-Linux/registers.c
  sed -i 's/have_xstate_support = 1;/have_xstate_support = 0;/' "$file"
  grep -q 'have_xstate_support = 0;' "$file" || {
    echo "$file is not as expected"
    return 1
  }
}

uml_build() {
  local work=$1 line
  # Whoever builds it, and when, is no part of the kernel: the same source gives the same random
  # numbers.
  local make=(make --silent --directory "$work/source" ARCH=um O="$work/build" -j "$(nproc)"
    KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=packetwright KBUILD_BUILD_HOST=packetwright)
  uml_unpack "$work/source"
  uml_mend "$work/source"
  mkdir -p "$work/build"
  cat "${configs[@]}" >"$work/wanted"
  "${make[@]}" KCONFIG_ALLCONFIG="$work/wanted" allnoconfig
  # A wish that depends on what is off is dropped in silence.
  while read -r line; do
    grep -qx "$line" "$work/build/.config" || {
      echo "the configuration cannot have $line"
      return 1
    }
  done < <(grep '^CONFIG_' "$work/wanted")
  "${make[@]}" linux
  strip --strip-debug --output-target=elf64-x86-64 -o "$work/out" "$work/build/linux"
}

target_missing() {
  [[ $(uname -m) == x86_64 ]] || { echo "user-mode Linux 6.1 needs an x86-64 machine"; return; }
  apt-cache show linux-source-6.1 >/dev/null 2>&1 ||
    echo "this system has no package linux-source-6.1"
}

target_install() {
  need_packages "${packages_uml[@]}"
  keep "$cache/$name/linux" uml_build "$({
    dpkg-query -W linux-source-6.1
    gcc --version
    cat "${configs[@]}" "$root/tools/targets/uml.sh"
  } | sha256sum)"
}
