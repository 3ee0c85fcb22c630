// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/ip_address.hh"
#include "stack/base/rng.hh"
#include "stack/base/siphash.hh"
#include "stack/wire/ip_protocol.hh"

namespace packetwright::ip {

// Chooses the Identification of datagrams that are, or may become, fragments. Per source,
// destination and protocol a value does not come back until its number space is used up (RFC 6864,
// 4.3; RFC 8200, 4.5), and someone who sees the values of one destination can tell neither those of
// another nor how much is sent there: a secret offset per flow, and counters shared by hash that
// advance by random steps (the idea of RFC 7739, 5.3).
class Identification {
 public:
  explicit Identification(Rng rng) noexcept;

  // IPv4: 16 bits. At least 16,384 values of a flow that has its counter for itself differ.
  [[nodiscard]] std::uint16_t next_v4(const IpAddress& source, const IpAddress& destination,
                                      wire::IpProtocol protocol) noexcept;
  // IPv6: 32 bits. At least 524,288 values differ; the protocol does not count (RFC 8200, 4.5).
  [[nodiscard]] std::uint32_t next_v6(const IpAddress& source,
                                      const IpAddress& destination) noexcept;

 private:
  static constexpr std::size_t kCounters = 256;
  using Counters = std::array<std::uint32_t, kCounters>;

  [[nodiscard]] std::uint32_t next(const IpAddress& source, const IpAddress& destination,
                                   wire::IpProtocol protocol, Counters& counters,
                                   std::uint32_t largest_step) noexcept;

  Rng rng_;
  SipKey offset_key_;
  SipKey counter_key_;
  Counters counters4_{};
  Counters counters6_{};
};

}  // namespace packetwright::ip
