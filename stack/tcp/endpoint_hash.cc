// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/endpoint_hash.hh"

#include <array>

namespace packetwright::tcp {

std::uint64_t hash_of(const SipKey& key, const Endpoint& local, const Endpoint& remote) noexcept {
  if (local.address.is_v4() && remote.address.is_v4()) {
    std::array<std::uint8_t, 12> message;
    store_be32(message, 0, local.address.v4_value());
    store_be16(message, 4, local.port);
    store_be32(message, 6, remote.address.v4_value());
    store_be16(message, 10, remote.port);
    return siphash24(key, message);
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
