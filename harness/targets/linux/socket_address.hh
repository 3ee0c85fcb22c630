// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <sys/socket.h>

#include "harness/targets/target.hh"
#include "stack/base/ip_address.hh"

namespace packetwright::linux_stack {

// An endpoint as the socket calls want it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// For a socket of `domain`: an IPv4 endpoint becomes its IPv4-mapped IPv6 address on an IPv6
// socket (RFC 4291, 2.5.5.2).
[[nodiscard]] SocketAddress to_socket_address(const Endpoint& endpoint, targets::Domain domain);
// nullopt: neither IPv4 nor IPv6.
[[nodiscard]] std::optional<Endpoint> to_endpoint(const SocketAddress& address);

}  // namespace packetwright::linux_stack
