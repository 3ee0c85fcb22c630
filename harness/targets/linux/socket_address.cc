// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/socket_address.hh"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace packetwright::linux_stack {
namespace {

std::array<std::uint8_t, 16> v6_octets_of(const IpAddress& address) {
  std::array<std::uint8_t, 16> octets{};
  const Bytes from = address.octets();
  if (address.is_v4()) {
    // The unspecified address has no mapped form: it is the unspecified address of IPv6.
    if (address.is_unspecified()) return octets;
    octets[10] = octets[11] = 0xff;
  }
  std::copy(from.begin(), from.end(), octets.end() - static_cast<std::ptrdiff_t>(from.size()));
  return octets;
}

}  // namespace

SocketAddress to_socket_address(const Endpoint& endpoint, targets::Domain domain) {
  SocketAddress out;
  if (endpoint.address.is_v4() && domain == targets::Domain::inet) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    address.sin_addr.s_addr = htonl(endpoint.address.v4_value());
    std::memcpy(&out.storage, &address, sizeof address);
    out.size = sizeof address;
    return out;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port);
  const std::array<std::uint8_t, 16> octets = v6_octets_of(endpoint.address);
  std::memcpy(&address.sin6_addr, octets.data(), octets.size());
  std::memcpy(&out.storage, &address, sizeof address);
  out.size = sizeof address;
  return out;
}

std::optional<Endpoint> to_endpoint(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &address.storage, sizeof in);
    return Endpoint{IpAddress::v4(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
  }
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, &address.storage, sizeof in);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &in.sin6_addr, octets.size());
    return Endpoint{IpAddress::v6(octets), ntohs(in.sin6_port)};
  }
  return std::nullopt;
}

}  // namespace packetwright::linux_stack
