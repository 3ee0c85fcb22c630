// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/import/datagram.hh"

namespace packetwright::import {

// The datagrams that two endpoints exchanged, one TCP connection at most.
struct Conversation {
  Transport transport = Transport::tcp;
  Endpoint client, server;  // who opened it; guessed by the ports where that was not seen
  std::vector<Datagram> packets;
  // The host on which the capture was made, if the capture says so.
  std::optional<IpAddress> captured_on;
  std::vector<std::uint32_t> copies;  // frames that were left out as copies of others

  [[nodiscard]] bool is_dns() const noexcept { return server.port == 53 || client.port == 53; }
};

// In the order of their first packets. Copies of a packet, as they come of a tap on several
// interfaces, are left out. A SYN with another sequence number begins another connection.
[[nodiscard]] std::vector<Conversation> conversations_of(std::vector<Datagram> datagrams);

// "tcp 10.0.0.1:40000 > 10.0.0.2:80, 12 packets, 3456 octets, 0.120 s, complete": client first.
[[nodiscard]] std::string summary_of(const Conversation& conversation);
[[nodiscard]] std::string text_of(const Endpoint& endpoint);

}  // namespace packetwright::import
