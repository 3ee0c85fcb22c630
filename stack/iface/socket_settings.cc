// SPDX-License-Identifier: Apache-2.0
#include "stack/iface/socket_settings.hh"

namespace packetwright::iface {
namespace {

// -1 gives the choice back to the stack. Zero hops would never leave this host.
//= RFC1122-3.2.1.7-a
//= RFC1122-3.2.1.7-c
SocketResult<void> set_hop_limit(std::optional<std::uint8_t>& limit, std::int64_t value) {
  if (value == -1) {
    limit.reset();
  } else if (value >= 1 && value <= 255) {
    limit = static_cast<std::uint8_t>(value);
  } else {
    return Err{Errno::einval};
  }
  return {};
}

SocketResult<void> set_octet(std::uint8_t& octet, std::int64_t value, std::int64_t largest) {
  if (value < 0 || value > largest) return Err{Errno::einval};
  octet = static_cast<std::uint8_t>(value);
  return {};
}

SocketResult<void> set_flag(bool& flag, std::int64_t value) {
  flag = value != 0;
  return {};
}

}  // namespace

std::optional<SocketResult<void>> set_setting(SocketSettings& settings, SocketOption option,
                                              std::int64_t value, bool bound) {
  switch (option) {
    case SocketOption::so_reuseaddr: return set_flag(settings.reuse_address, value);
    case SocketOption::so_broadcast: return set_flag(settings.broadcast, value);
    case SocketOption::ip_recverr: return set_flag(settings.report_all_errors, value);
    case SocketOption::so_linger:
      settings.linger = value < 0 ? -1 : value;
      return SocketResult<void>{};
    case SocketOption::ip_ttl: return set_hop_limit(settings.hop_limit_v4, value);
    case SocketOption::ipv6_unicast_hops: return set_hop_limit(settings.hop_limit_v6, value);
    //= RFC1122-3.2.1.6-a
    case SocketOption::ip_tos: return set_octet(settings.traffic_class_v4, value, 255);
    case SocketOption::ipv6_tclass: return set_octet(settings.traffic_class_v6, value, 255);
    case SocketOption::ip_mtu_discover: return set_octet(settings.mtu_discover, value, 3);
    case SocketOption::ipv6_v6only:
      if (settings.domain != Domain::inet6) return Err{Errno::enoprotoopt};
      if (bound) return Err{Errno::einval};
      return set_flag(settings.v6_only, value);
    case SocketOption::so_error:
    case SocketOption::so_keepalive:
    case SocketOption::so_sndbuf:
    case SocketOption::so_rcvbuf:
    case SocketOption::so_oobinline:
    case SocketOption::ip_mtu:
    case SocketOption::tcp_nodelay:
    case SocketOption::tcp_maxseg:
    case SocketOption::tcp_cork:
    case SocketOption::tcp_keepidle:
    case SocketOption::tcp_keepintvl:
    case SocketOption::tcp_keepcnt:
    case SocketOption::tcp_user_timeout:
    case SocketOption::tcp_quickack:
    case SocketOption::tcp_syncnt:
    case SocketOption::tcp_window_clamp:
    case SocketOption::tcp_fastopen:
    case SocketOption::tcp_defer_accept:
    case SocketOption::tcp_fastopen_connect: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::int64_t> get_setting(const SocketSettings& settings, SocketOption option,
                                        std::uint8_t default_hop_limit) {
  switch (option) {
    case SocketOption::so_reuseaddr: return settings.reuse_address ? 1 : 0;
    case SocketOption::so_broadcast: return settings.broadcast ? 1 : 0;
    case SocketOption::ip_recverr: return settings.report_all_errors ? 1 : 0;
    case SocketOption::so_linger: return settings.linger;
    case SocketOption::ip_ttl: return settings.hop_limit_v4.value_or(default_hop_limit);
    case SocketOption::ipv6_unicast_hops: return settings.hop_limit_v6.value_or(default_hop_limit);
    case SocketOption::ip_tos: return settings.traffic_class_v4;
    case SocketOption::ipv6_tclass: return settings.traffic_class_v6;
    case SocketOption::ip_mtu_discover: return settings.mtu_discover;
    case SocketOption::ipv6_v6only: return settings.v6_only ? 1 : 0;
    case SocketOption::so_error:
    case SocketOption::so_keepalive:
    case SocketOption::so_sndbuf:
    case SocketOption::so_rcvbuf:
    case SocketOption::so_oobinline:
    case SocketOption::ip_mtu:
    case SocketOption::tcp_nodelay:
    case SocketOption::tcp_maxseg:
    case SocketOption::tcp_cork:
    case SocketOption::tcp_keepidle:
    case SocketOption::tcp_keepintvl:
    case SocketOption::tcp_keepcnt:
    case SocketOption::tcp_user_timeout:
    case SocketOption::tcp_quickack:
    case SocketOption::tcp_syncnt:
    case SocketOption::tcp_window_clamp:
    case SocketOption::tcp_fastopen:
    case SocketOption::tcp_defer_accept:
    case SocketOption::tcp_fastopen_connect: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace packetwright::iface
