// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stack/iface/socket.hh"

namespace packetwright::iface {

// The options that every kind of socket keeps, whether it uses them or not.
struct SocketSettings {
  Domain domain = Domain::inet;
  bool reuse_address = false;
  bool broadcast = false;
  bool report_all_errors = false;  // IP_RECVERR: soft errors too
  bool v6_only = false;            // of an inet6 socket: no IPv4 behind mapped addresses
  std::int64_t linger = -1;        // seconds; -1: off
  std::optional<std::uint8_t> hop_limit_v4, hop_limit_v6;  // nullopt: as the stack is configured
  std::uint8_t traffic_class_v4 = 0, traffic_class_v6 = 0;
  std::uint8_t mtu_discover = 1;  // SocketOption::ip_mtu_discover

  [[nodiscard]] std::optional<std::uint8_t> hop_limit(Family family) const noexcept {
    return family == Family::ipv4 ? hop_limit_v4 : hop_limit_v6;
  }
  [[nodiscard]] std::uint8_t traffic_class(Family family) const noexcept {
    return family == Family::ipv4 ? traffic_class_v4 : traffic_class_v6;
  }
  // Whether this socket can speak to, or be bound to, an address of the family.
  [[nodiscard]] bool admits(Family family) const noexcept {
    if (family == Family::ipv6) return domain == Domain::inet6;
    return domain == Domain::inet || !v6_only;
  }
};

// nullopt: the option is not one of these. einval: the value is out of range. `bound`: what cannot
// change after bind() is refused.
[[nodiscard]] std::optional<SocketResult<void>> set_setting(SocketSettings& settings,
                                                            SocketOption option, std::int64_t value,
                                                            bool bound);
// `default_hop_limit`: of the stack, for sockets that chose none.
[[nodiscard]] std::optional<std::int64_t> get_setting(const SocketSettings& settings,
                                                      SocketOption option,
                                                      std::uint8_t default_hop_limit);

}  // namespace packetwright::iface
