// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/ip_address.hh"
#include "stack/base/result.hh"

namespace packetwright::wire_host {

inline constexpr std::string_view kName = "wire";
inline constexpr char kUsage[] =
    "name an interface and a host: --target wire:IFACE,ADDRESS[/LENGTH][,peer=ADDRESS][,mac=MAC]";

// Who the peer is on the wire unless the words say otherwise; cases know it by heart.
inline constexpr MacAddress kPeerMac{{0x02, 0x50, 0x57, 0, 0, 2}};

// What follows "wire:".
struct Words {
  std::string interface;
  IpAddress host;
  std::optional<std::uint8_t> length;  // of the host's prefix
  std::optional<IpAddress> peer;
  MacAddress peer_mac = kPeerMac;
};

// Reads a whole name, "wire:eth0,192.0.2.7/24,peer=192.0.2.250". An error says which word is wrong.
[[nodiscard]] Result<Words, std::string> read_words(std::string_view name);

}  // namespace packetwright::wire_host
