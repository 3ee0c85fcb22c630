# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install smoltcp: the crate at the version that Cargo.lock pins. Sourced; see
# install_target in ../front_door.sh.

smoltcp_source=$root/harness/targets/smoltcp

target_missing() {
  local needed
  needed=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' "$smoltcp_source/Cargo.toml")
  command -v cargo >/dev/null || { echo "there is no cargo; Rust $needed is needed"; return; }
  at_least "$(cargo --version | cut -d ' ' -f 2)" "$needed" ||
    echo "Rust $needed is needed, this is $(cargo --version)"
}

smoltcp_build() {
  cargo build --release --locked --manifest-path "$smoltcp_source/Cargo.toml" \
    --target-dir "$1/cargo"
  mv "$1/cargo/release/libpacketwright_smoltcp.so" "$1/out"
}

target_install() {
  keep "$cache/plugins/smoltcp.so" smoltcp_build \
    "$({ cargo --version; contents "$smoltcp_source"; } | sha256sum)"
}
