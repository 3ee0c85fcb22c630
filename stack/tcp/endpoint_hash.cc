// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/endpoint_hash.hh"

#include <array>

namespace packetwright::tcp {

namespace {

// As they lie in memory in network order, read from the lowest octet.
constexpr std::uint32_t octets_of(std::uint32_t value) noexcept {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >> 24);
}
constexpr std::uint32_t octets_of(std::uint16_t value) noexcept {
  return octets_of(std::uint32_t{value} << 16);
}

}  // namespace

std::uint64_t hash_of(const SipKey& key, const Endpoint& local, const Endpoint& remote) noexcept {
  if (local.address.is_v4() && remote.address.is_v4()) {
    // Address, port, address, port: twelve octets that never go through memory.
    const std::uint64_t there = octets_of(remote.address.v4_value());
    const std::uint64_t first = octets_of(local.address.v4_value()) |
                                std::uint64_t{octets_of(local.port)} << 32 | there << 48;
    const auto last = static_cast<std::uint32_t>(there >> 16 | octets_of(remote.port) << 16);
    return siphash24(key, first, last);
  }
  std::array<std::uint8_t, 36> message{};
  std::size_t at = 0;
  for (const Endpoint* endpoint : {&local, &remote}) {
    const Bytes octets = endpoint->address.octets();
    store_bytes(message, at, octets);
    at += octets.size();
    store_be16(message, at, endpoint->port);
    at += 2;
  }
  return siphash24(key, Bytes{message}.first(at));
}

}  // namespace packetwright::tcp
