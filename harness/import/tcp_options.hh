// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/packet/packet.hh"
#include "harness/script/packet.hh"

namespace packetwright::import {

// How the numbers in options of one direction become those of the script.
struct OptionBases {
  std::uint32_t receiver_isn = 0;  // SACK blocks speak of the other end's octets
  // The first timestamps of sender and receiver, which the script calls 1.
  std::optional<std::uint32_t> own_timestamp, other_timestamp;
  bool acks = false;  // an echo without ACK means nothing
};

// Options in the words of the script. What cannot be said otherwise becomes octets.
[[nodiscard]] std::vector<script::TcpOption> script_options(
    const std::vector<packet::HeaderOption>& options, const OptionBases& bases);

}  // namespace packetwright::import
