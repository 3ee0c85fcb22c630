// SPDX-License-Identifier: Apache-2.0
#include "stack/ip/identification.hh"

#include "stack/base/bytes.hh"

namespace packetwright::ip {
namespace {

SipKey draw_key(Rng& rng) noexcept {
  SipKey key;
  key.k0 = rng.next();
  key.k1 = rng.next();
  return key;
}

}  // namespace

Identification::Identification(Rng rng) noexcept
    : rng_(rng), offset_key_(draw_key(rng_)), counter_key_(draw_key(rng_)) {
  for (auto* counters : {&counters4_, &counters6_}) {
    for (std::uint32_t& counter : *counters) counter = rng_.next32();
  }
}

std::uint16_t Identification::next_v4(const IpAddress& source, const IpAddress& destination,
                                      wire::IpProtocol protocol) noexcept {
  //= RFC791-3.2-g
  //= RFC6864-4.3-a
  return static_cast<std::uint16_t>(next(source, destination, protocol, counters4_, 4));
}

std::uint32_t Identification::next_v6(const IpAddress& source,
                                      const IpAddress& destination) noexcept {
  //= RFC8200-4.5-a
  //= RFC8504-5.1-c
  return next(source, destination, {}, counters6_, 8192);
}

std::uint32_t Identification::next(const IpAddress& source, const IpAddress& destination,
                                   wire::IpProtocol protocol, Counters& counters,
                                   std::uint32_t largest_step) noexcept {
  std::array<std::uint8_t, 33> flow{};
  store_bytes(flow, 0, source.octets());
  store_bytes(flow, 16, destination.octets());
  flow[32] = static_cast<std::uint8_t>(protocol);
  const auto offset = static_cast<std::uint32_t>(siphash24(offset_key_, flow));
  std::uint32_t& counter = counters[siphash24(counter_key_, flow) % kCounters];
  counter += 1 + static_cast<std::uint32_t>(rng_.below(largest_step));
  return offset + counter;
}

}  // namespace packetwright::ip
