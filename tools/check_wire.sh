#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Some cases against a host on a wire: the kernel's own stack in a namespace, with nothing of ours
# on it. Exit status 77 where there can be no such namespaces, with the reason.
# usage: tools/check_wire.sh [PACKETWRIGHT]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packetwright=${1:-$root/build/release/harness/cli/packetwright}

if [[ -z ${PW_WIRE_INSIDE:-} ]]; then
  for tool in ip unshare nsenter; do
    command -v "$tool" >/dev/null || { echo "skipped: wire: $tool is missing"; exit 77; }
  done
  if ! unshare --user --map-root-user --net true 2>/dev/null; then
    echo "skipped: wire: user namespaces are not permitted"
    exit 77
  fi
  PW_WIRE_INSIDE=1 exec unshare --user --map-root-user --net "$0" "$packetwright"
fi

# Runs a command until it succeeds, for ten seconds at most.
await() {
  for _ in $(seq 100); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "check_wire: this never came true: $*"
  return 1
}
is_elsewhere() {
  [[ $(readlink "/proc/$host/ns/net") != $(readlink /proc/self/ns/net) ]]
}

works() {
  ip -o link show wire0 | grep -q 'state UP'
}

unshare --net sleep 600 &
host=$!
trap 'kill "$host"' EXIT
await is_elsewhere
ip link add wire0 type veth peer name eth0 netns "$host" 2>/dev/null || {
  echo "skipped: wire: a veth pair cannot be made"
  exit 77
}
nsenter -t "$host" -n ip address add 192.0.2.1/24 dev eth0
nsenter -t "$host" -n ip address add 2001:db8:2::1/64 dev eth0 nodad
nsenter -t "$host" -n ip link set eth0 up
ip link set wire0 up
await works

cases=(icmp/echo icmp/echo_odd neighbor/arp/request neighbor/arp/probe neighbor/ndp/solicitation
  tcp/segment_arrives/closed udp/nobody_listens)
for address in 192.0.2.1 2001:db8:2::1; do
  # Everything that has a verdict passes, and most of it has one.
  told=$("$packetwright" run --target "wire:wire0,$address" --conformance "$root/conformance" \
    --color never "${cases[@]}") || { echo "$told"; exit 1; }
  echo "$told"
  if ! grep -Eq '^2[0-9] passed, 0 failed' <<<"$told"; then
    echo "check_wire: too little of it was judged"
    exit 1
  fi
done
