// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stack/base/bytes.hh"
#include "stack/base/instant.hh"
#include "stack/icmp/icmp.hh"

namespace packetwright::icmp {

// What an ICMP message asks for: Icmp::on_message, a family each.
[[nodiscard]] Input on_icmpv4(Instant now, const Arrival& arrival, Bytes message,
                              const IcmpConfig& config);
[[nodiscard]] Input on_icmpv6(const Arrival& arrival, Bytes message, const IcmpConfig& config);

// What the numbers of an error mean.
[[nodiscard]] Problem problem_v4(std::uint8_t type, std::uint8_t code) noexcept;
[[nodiscard]] Problem problem_v6(std::uint8_t type, std::uint8_t code) noexcept;

}  // namespace packetwright::icmp
