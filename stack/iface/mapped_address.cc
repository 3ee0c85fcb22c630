// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/mapped_address.hh"

#include <algorithm>
#include <array>

namespace packetwright::iface {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Endpoint unmapped(const Endpoint& endpoint) noexcept {
  const Bytes octets = endpoint.address.octets();
  if (endpoint.address.is_v4()) return endpoint;
  if (!std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin())) return endpoint;
  return {IpAddress::from_octets(octets.last(4)), endpoint.port};
}

Endpoint as_seen_by(Domain domain, const Endpoint& endpoint) noexcept {
  if (domain == Domain::inet || endpoint.address.is_v6()) return endpoint;
  std::array<std::uint8_t, 16> octets{};
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin());
  store_bytes(octets, kMappedPrefix.size(), endpoint.address.octets());
  return {IpAddress::v6(octets), endpoint.port};
}

IpAddress unspecified(Family family) noexcept {
  return family == Family::ipv4 ? IpAddress{} : IpAddress::v6({});
}

}  // namespace packetwright::iface
