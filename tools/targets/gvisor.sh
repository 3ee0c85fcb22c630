# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./pw targets --install gvisor: the Go module at the version that go.mod pins. Sourced; see
# install_target in ../front_door.sh.

gvisor_source=$root/harness/targets/gvisor
PATH=$PATH:/usr/local/go/bin

target_missing() {
  local needed found
  needed=$(sed -n 's/^go //p' "$gvisor_source/go.mod")
  command -v go >/dev/null || { echo "there is no go; Go $needed is needed"; return; }
  found=$(cd "$gvisor_source" && go env GOVERSION)
  at_least "${found#go}" "$needed" || echo "Go $needed is needed, this is ${found#go}"
}

gvisor_build() {
  cd "$gvisor_source"
  CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$1/out" .
}

target_install() {
  keep "$cache/agents/gvisor" gvisor_build \
    "$({ go version; contents "$gvisor_source"; } | sha256sum)"
}
