// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "stack/base/siphash.hh"
#include "stack/tcp/challenge_ack.hh"
#include "stack/tcp/config.hh"
#include "stack/tcp/fast_open.hh"

namespace packetwright::tcp {

// What all connections of one Tcp have in common.
struct Shared {
  TcpConfig config;
  SharedChallengeAckThrottle challenge_acks;
  SipKey timestamp_key;  // for the offsets of the timestamp clocks (RFC 7323, 7)
  FastOpenKeys fast_open_keys;
  FastOpenCache fast_open_cache;
  std::size_t narrow_paths = 0;  // connections that send less than their interface would take
};

}  // namespace packetwright::tcp
